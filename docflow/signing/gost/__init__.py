"""GOST R 34.11-2012 and 34.10-2012 as Kazakhstan names and spells them: "GOST 2015" of the national centre.

In plain Python, with no closed library; the digest by OpenSSL where its GOST engine is installed. The identifiers and
the order of bytes are those of the national profile, which differ from RFC 4491 and RFC 9215: both coordinates of a
key and both numbers of a signature are little-endian, r stands before s.
"""
