"""Papers: data in, PDF or images out.

``paper`` compiles a typst template to PDF/A-3a + PDF/UA-1, ``preview`` draws images in a process with limits,
``qr`` makes the code that leads to the verification page. The templates are in ``templates/paper``; what they may
use is written at the top of ``templates/paper/lib/paper.typ``. A template reads its data from ``@docflow/data``: files
in memory, not ``sys.inputs``, so that typst keeps what it has evaluated from one paper to the next.

Do: pass plain JSON data and the bytes to attach; pass the time; expect the same bytes for the same input.
Do not: import Document, Flask or SQL here; fork a process that has compiled a paper (typst's threads do not survive
it: spawn instead); build template source out of data.
"""
