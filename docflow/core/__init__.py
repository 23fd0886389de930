"""The pure core: what a document, a step, a rule and a clause are.

Do: plain data and functions, standard library only, every "no" a value with its clause.
Do not: import Flask, SQL, WTForms or anything outside the standard library; read a clock; write a file.
"""
