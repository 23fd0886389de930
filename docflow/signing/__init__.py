"""Signatures: obtaining, embedding and checking them; functions from bytes to bytes.

Do: take and return bytes and plain data; keep what happens between two calls as data (``Challenge``, ``Prepared``);
turn the errors of the libraries into our own, with a sentence, where they enter.
Do not: import Flask, SQL or a model; log a PIN or a full IIN; take a trusted root from the file that is checked;
write anything into a file after its last signature.
"""
