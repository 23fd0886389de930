"""What a request brought: rows added or removed without scripts, unreadable values, uploaded files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from docflow.core.errors import Invalid
from docflow.core.messages import _l

ROW_BUTTON = "_row"


def rows_changed(form: MultiDict[str, str]) -> MultiDict[str, str] | None:
    """The fields after "add a row" or "remove row"; ``None`` if no such button was pressed."""
    act, _, name = form.get(ROW_BUTTON, "").partition(":")
    if act not in ("add", "remove") or not name:
        return None
    kept = [(key, value) for key, value in form.items(multi=True) if key != ROW_BUTTON]
    if act == "remove":
        return MultiDict([pair for pair in kept if pair[0] != name and not pair[0].startswith(f"{name}-")])
    taken = re.compile(rf"{re.escape(name)}-(\d+)(?:-|$)")
    used = [int(found.group(1)) for key, _value in kept if (found := taken.match(key))]
    # The empty value only makes the row exist; a row of one field takes it as its own.
    return MultiDict([*kept, (f"{name}-{max(used, default=-1) + 1}", "")])


def is_unreadable(form: Any) -> bool:
    """A value that is not even a number or a date: shown again as typed, instead of lost in a draft.

    An empty field is not unreadable: it is a question for validation, whether it may be empty.
    """
    return any(field.process_errors and any(field.raw_data or ()) for field in _leaves(form))


def _leaves(form: Any) -> Iterator[Any]:
    for field in form:
        if field.type == "FormField":
            yield from _leaves(field.form)
        elif field.type == "FieldList":
            for entry in field.entries:
                yield from _leaves(entry.form) if entry.type == "FormField" else iter((entry,))
        else:
            yield field


def uploaded_all(name: str = "files") -> list[tuple[str, bytes]]:
    """Names and bytes of all files of one field; ``Invalid`` when none was chosen."""
    found = [(each.filename, each.read()) for each in request.files.getlist(name) if each.filename]
    if not found:
        message = _l("Choose a file first.")
        raise Invalid(message, {name: [str(message)]})
    return found


def uploaded(name: str = "file") -> tuple[str, bytes]:
    """The uploaded file's name and bytes; ``Invalid`` when none was chosen."""
    upload = request.files.get(name)
    if upload is None or not upload.filename:
        message = _l("Choose a file first.")
        raise Invalid(message, {name: [str(message)]})
    return upload.filename, upload.read()
