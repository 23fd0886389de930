"""KRG, joint Order No. 153, No. 354/НҚ of 20 June 2024: the pilot attestation in Karaganda region.

The act itself is ``act`` with ``clauses``, ``categories`` and ``vocabulary``; its printed sheets are
``sheets``. The other modules say what a clause makes of plain data: ``commission``, ``intake``, ``card``
and ``terms`` before there is evidence; ``essay``, ``observation``, ``portfolio``, ``evidence`` and ``summary``
about it; ``session``, ``minutes`` and ``decision`` in the end.

Do: take contents and cards as they are, and answer with a refusal, a figure or a proposal that names its clause.
Do not: read a database, a clock or a document's type (that is ``docflow.services`` and ``docflow.forms``).
"""
