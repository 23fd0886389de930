"""What may come in as a file: told by its content, bounded in size, with a harmless name."""

from __future__ import annotations

import io
import unicodedata
import zipfile

from docflow.core.errors import Invalid
from docflow.core.messages import Message, _l
from docflow.services import environment

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def accept(filename: str, data: bytes) -> str:
    """Give the media type of an attachment; ``Invalid`` for what is empty, too large or of another kind."""
    refuse_size(data)
    media_type = sniff(data)
    if media_type is None:
        raise _refused(_l("%(name)s is neither a PDF, a JPEG, a PNG nor an Office file.", name=clean_name(filename)))
    return media_type


def refuse_size(data: bytes) -> None:
    if not data:
        raise _refused(_l("The file is empty. Choose it again."))
    most = environment.current().settings.upload_max_mb
    if len(data) > most * 1024 * 1024:
        raise _refused(_l("The file is larger than %(most)s MB. Reduce it and choose it again.", most=most))


def sniff(data: bytes) -> str | None:
    """Tell the media type by the bytes; ``None`` when it is none that we take."""
    for magic, media_type in _MAGIC:
        if data[: 1024 if magic == b"%PDF-" else len(magic)].find(magic) in range(1024 if magic == b"%PDF-" else 1):
            return media_type
    return _office(data) if data[:4] == b"PK\x03\x04" else None


def _office(data: bytes) -> str | None:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except zipfile.BadZipFile:
        return None
    if "xl/workbook.xml" in names:
        return XLSX
    return DOCX if "word/document.xml" in names else None


def clean_name(filename: str) -> str:
    """A name without path, control characters or reserved signs; never empty."""
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if c.isprintable() and c not in '<>:"|?*').strip(". ")
    return name[-200:] or "file"


def _refused(message: Message) -> Invalid:
    return Invalid(message, {"file": [str(message)]})
