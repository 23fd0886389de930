"""Where signed bytes are kept for decades: the object store, and what proves that nothing in it has changed.

Do: store first and write the database row afterwards; name an object by its SHA-256 and check it at every read.
Do not: know documents, requests or SQL; overwrite, rename or delete an object; trust a directory listing.
"""
