"""One module, one regulated artefact; each ends with a constant ``TYPE``.

Do: the form as the act prints it, its rules with their clauses, what derives from what, a sample.
Do not: import services, models or the web; keep an IIN in content that a paper of another person carries.
"""
