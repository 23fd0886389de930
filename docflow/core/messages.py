"""Sentences that are translated when they are shown, not when they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

Translate = Callable[[str], str]

_translate: ContextVar[Translate | None] = ContextVar("docflow_translate", default=None)
_fallback: list[Translate] = []


def install_translator(translate: Translate) -> None:
    """Use *translate* (English sentence to sentence of the current locale) wherever no other is set."""
    _fallback[:] = [translate]


@contextmanager
def translated_by(translate: Translate) -> Iterator[None]:
    token = _translate.set(translate)
    try:
        yield
    finally:
        _translate.reset(token)


@dataclass(frozen=True)
class Message:
    """An English sentence with ``%(name)s`` places; ``str()`` gives it in the current language.

    Parameters may be messages themselves; they are translated with it.
    """

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        translate = _translate.get() or (_fallback[0] if _fallback else None)
        text = translate(self.msgid) if translate and self.msgid else self.msgid
        return text % {name: str(value) for name, value in self.params.items()} if self.params else text

    def __html__(self) -> str:
        # WTForms and Jinja ask for this first; the text is data and is escaped.
        text = str(self)
        for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;")):
            text = text.replace(plain, entity)
        return text

    def __hash__(self) -> int:
        return hash((self.msgid, tuple(sorted((k, str(v)) for k, v in self.params.items()))))

    def as_json(self) -> dict[str, Any]:
        """Keep the sentence untranslated, so that each reader sees it in his own language."""
        params = {k: v.as_json() if isinstance(v, Message) else v for k, v in self.params.items()}
        return {"msgid": self.msgid, "params": params}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        params = {
            k: cls.from_json(v) if isinstance(v, Mapping) and "msgid" in v else v
            for k, v in data.get("params", {}).items()
        }
        return cls(data["msgid"], params)


def _l(msgid: str, **params: Any) -> Message:
    """Mark *msgid* for translation; the extractor looks for this name."""
    return Message(msgid, params)
