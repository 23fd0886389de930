"""``python -m docflow.signer``: the same without the server's command line, which loads all forms and papers."""

from docflow.signer.command import signer

signer()
