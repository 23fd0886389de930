"""Scans of many applicants at once: the file's name says whose it is and what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from docflow.core.errors import DocflowError
from docflow.core.identifiers import mask_iin
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor
from docflow.core.regulations import Text
from docflow.core.types import Requirement
from docflow.models import Document, Group
from docflow.services import archiving, documents, groups, uploads
from docflow.services.search import folded

_IIN = re.compile(r"(?<!\d)\d{12}(?!\d)")
_STEM = 6  # letters of a word that stay when its ending changes: "диплома", "дипломы", "дипломның"
_COMMON = ("копия", "көшірм", "органи", "образо")


@dataclass(frozen=True)
class ScanResult:
    """What became of one file; the name is shown without the IIN."""

    filename: str
    document: Document | None
    requirement: Requirement | None
    problem: Message | None = None


def attach_all(
    group_id: int, files: Iterable[tuple[str, bytes]], *, actor: Actor, now: datetime
) -> tuple[Group, list[ScanResult]]:
    """Attach each file to the draft of the person whose IIN is in its name; every file gets an answer."""
    group = groups.get(group_id, actor=actor)
    drafts = [each for each in groups.documents_of(group) if each.state == "draft" and each.subject is not None]
    return group, [_attach_one(drafts, name, data, actor=actor, now=now) for name, data in files]


def _attach_one(drafts: list[Document], name: str, data: bytes, *, actor: Actor, now: datetime) -> ScanResult:
    shown = hidden_iin(uploads.clean_name(name))
    found = _IIN.search(name)
    if found is None:
        return ScanResult(shown, None, None, _l("The name has no IIN. Call the file like “IIN diploma.pdf”."))
    missing = [(draft, each) for draft in drafts if _iin_of(draft) == found[0] for each in _missing(draft)]
    if not missing:
        return ScanResult(shown, None, None, _l("No draft of this person in the group needs a file."))
    fitting = [pair for pair in missing if _fits(pair[1], name)]
    if len(fitting) != 1:
        return ScanResult(shown, missing[0][0], None, _which(missing))
    document, requirement = fitting[0]
    try:
        documents.attach(document.id, requirement.kind, shown, data, actor=actor, now=now)
    except DocflowError as error:
        archiving.forget_pending()
        return ScanResult(shown, document, requirement, error.message)
    return ScanResult(shown, document, requirement)


def hidden_iin(name: str) -> str:
    """The name with every IIN in it masked: it is stored, shown and sent about."""
    return _IIN.sub(lambda found: mask_iin(found[0]), name)


def _iin_of(draft: Document) -> str:
    return (draft.subject.iin if draft.subject else "") or ""


def _missing(draft: Document) -> list[Requirement]:
    return [each for each, _, is_attached in documents.requirements(draft) if not is_attached]


def _fits(requirement: Requirement, name: str) -> bool:
    said = folded(name)
    words = re.findall(r"\w+", folded(f"{requirement.title.kk} {requirement.title.ru} {requirement.kind}"))
    stems = {word[:_STEM] for word in words if len(word) >= _STEM}
    return any(stem in said for stem in stems if not stem.startswith(_COMMON))


def _which(missing: list[tuple[Document, Requirement]]) -> Message:
    titles = {requirement.kind: requirement.title for _, requirement in missing}.values()
    kinds = Text(*(", ".join(title.in_language(language) for title in titles) for language in ("kk", "ru", "en")))
    return _l("The name must say which file it is, one of: %(kinds)s.", kinds=kinds)
