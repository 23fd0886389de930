"""Sentences that are translated when they are shown, not when they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from docflow.core.regulations import Text

Translate = Callable[[str], str]
Language = Callable[[], str]

_spoken: ContextVar[tuple[Translate, Language] | None] = ContextVar("docflow_spoken", default=None)
_fallback: list[tuple[Translate, Language]] = []


def install_translator(translate: Translate, *, language: Language) -> None:
    """Use *translate* (English sentence to sentence of the current *language*) wherever no other is set."""
    _fallback[:] = [(translate, language)]


@contextmanager
def translated_by(translate: Translate, *, language: str = "en") -> Iterator[None]:
    """Translate by *translate*, into *language*, meanwhile."""
    token = _spoken.set((translate, lambda: language))
    try:
        yield
    finally:
        _spoken.reset(token)


def _untranslated(sentence: str) -> str:
    return sentence


def _speaker() -> tuple[Translate, Language]:
    return _spoken.get() or (_fallback[0] if _fallback else (_untranslated, lambda: "en"))


@dataclass(frozen=True)
class Message:
    """An English sentence with ``%(name)s`` places; ``str()`` gives it in the current language.

    Parameters may be messages themselves, or words of an act in its languages; they are shown in the same language.
    """

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        translate, language = _speaker()
        text = translate(self.msgid) if self.msgid else ""
        return text % {name: _shown(value, language) for name, value in self.params.items()} if self.params else text

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
        return {"msgid": self.msgid, "params": {name: _as_json(value) for name, value in self.params.items()}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        return cls(data["msgid"], {name: _from_json(value) for name, value in data.get("params", {}).items()})


def _shown(value: Any, language: Language) -> str:
    return value.in_language(language()) if isinstance(value, Text) else str(value)


def _as_json(value: Any) -> Any:
    if isinstance(value, Text):
        return {"kk": value.kk, "ru": value.ru, "en": value.en}
    return value.as_json() if isinstance(value, Message) else value


def _from_json(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return Message.from_json(value) if "msgid" in value else Text(**value)


def _l(msgid: str, **params: Any) -> Message:
    """Mark *msgid* for translation; the extractor looks for this name."""
    return Message(msgid, params)
