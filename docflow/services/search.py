"""Finding documents by number, name, title, code or IIN, with one code path for both databases."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, column, delete, false, func, insert, or_, select, table

from docflow.core.errors import Forbidden
from docflow.core.identifiers import is_code, normalise_code
from docflow.core.messages import _l
from docflow.core.permissions import Actor, Role
from docflow.core.registry import document_type
from docflow.db import before_commit, db, unit_of_work
from docflow.models import Document, Group, SavedView, SearchEntry, Signature
from docflow.services import people

SHORTEST = 3  # SQLite's trigram index finds nothing for two Cyrillic letters

# The trigram index of SQLite is a virtual table beside ours; PostgreSQL indexes ours directly.
_trigrams = table("df_search_trigram", column("rowid"), column("norm"))


@dataclass(frozen=True)
class SearchQuery:
    """What is looked for; empty parts do not narrow. ``iin`` is a whole IIN."""

    text: str = ""
    type: str = ""
    state: str = ""
    date_from: date | None = None
    date_to: date | None = None
    iin: str = ""
    group_id: int | None = None
    owner_only: bool = False


@dataclass(frozen=True)
class Page:
    """One page of a list. ``total`` is exact up to ``COUNT_MOST`` and says so beyond it."""

    items: list[Any]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def has_next(self) -> bool:
        return self.page < self.pages


COUNT_MOST = 1000


def folded(words: str) -> str:
    """NFKC, case folded, ё as е: SQLite itself folds no Kazakh letter. PostgreSQL takes no zero character."""
    return unicodedata.normalize("NFKC", words).casefold().replace("ё", "е").replace("\x00", "")


class _Pending(threading.local):
    def __init__(self) -> None:
        self.documents: dict[Document, None] = {}  # in their order, each once


_pending = _Pending()


def index(document: Document) -> None:
    """Make the document's words findable, together with all others of the caller's unit of work."""
    if before_commit(_write_entries):
        _pending.documents = {}  # what an earlier unit of work left when it failed
    _pending.documents[document] = None


def _write_entries() -> None:
    documents, _pending.documents = _pending.documents, {}
    known = db.session.scalars(select(SearchEntry).where(SearchEntry.document_id.in_([each.id for each in documents])))
    entries = {entry.document_id: entry for entry in known}
    new: list[dict[str, Any]] = []
    changed: list[SearchEntry] = []
    for document in documents:
        norm, digest = _words(document), _digest(document)
        entry = entries.get(document.id)
        if entry is None:
            told = {"document_id": document.id, "organisation_id": document.organisation_id}
            new.append(told | {"norm": norm, "iin_digest": digest})
        elif (entry.norm, entry.iin_digest) != (norm, digest):
            entry.norm, entry.iin_digest = norm, digest
            changed.append(entry)
    if new:
        db.session.execute(insert(SearchEntry), new)
    if db.engine.dialect.name == "sqlite":
        again = {each.document_id: each.norm for each in changed}
        _write_trigrams(again | {each["document_id"]: each["norm"] for each in new}, again=list(again))


def _write_trigrams(norms: Mapping[int, str], *, again: list[int]) -> None:
    if again:
        db.session.execute(delete(_trigrams).where(_trigrams.c.rowid.in_(again)))
    if norms:
        db.session.execute(_trigrams.insert(), [{"rowid": rowid, "norm": norm} for rowid, norm in norms.items()])


def _words(document: Document) -> str:
    kind = document_type(document.type)
    parts = (
        document.number,
        document.code,
        document.subject_name,
        document.title,
        kind.title.kk,
        kind.title.ru,
    )
    return folded(" ".join(part for part in parts if part))


def _digest(document: Document) -> str | None:
    subject = document.subject
    return people.iin_digest(subject.iin) if subject and subject.iin else None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The condition that keeps a list to what the actor may see."""
    conditions: list[ColumnElement[bool]] = []
    if actor.organisation_id is not None:
        if actor.has(Role.ADMINISTRATOR, Role.ARCHIVIST, Role.INSPECTOR):
            conditions.append(Document.organisation_id == actor.organisation_id)
        elif actor.has(Role.CLERK) and actor.unit_ids:
            conditions.append(
                (Document.organisation_id == actor.organisation_id) & Document.unit_id.in_(actor.unit_ids)
            )
    if actor.account_id is not None:
        conditions.append(Document.created_by_id == actor.account_id)
    if actor.person_id is not None:
        conditions.append((Document.subject_id == actor.person_id) & Document.state.not_in(("draft", "to_sign")))
        signed = select(Signature.document_id).where(
            Signature.person_id == actor.person_id, Signature.state != "cancelled"
        )
        conditions.append(Document.id.in_(signed))
        conditions.append(Document.assignee_id == actor.person_id)
    return or_(*conditions) if conditions else false()


def _of_his_rounds(actor: Actor) -> ColumnElement[bool]:
    """Who sits on the commission of a round may open its papers; no worklist of his holds them."""
    if actor.person_id is None or actor.organisation_id is None:
        return false()
    held = select(Group.id, Group.responsible).where(
        Group.organisation_id == actor.organisation_id, Group.kind == "attestation"
    )
    rounds = [
        group_id
        for group_id, members in db.session.execute(held)
        if any(each.get("person_id") == actor.person_id for each in members)
    ]
    return Document.group_id.in_(rounds) & (Document.state != "draft") if rounds else false()


def find(query: SearchQuery, *, actor: Actor, page: int = 1, size: int = 50) -> Page:
    """Documents that the actor may see and the query describes, newest first."""
    found = select(Document).where(visible_to(actor) | _of_his_rounds(actor))
    found = _narrowed(found, query, actor)
    total = db.session.scalar(
        select(func.count()).select_from(found.with_only_columns(Document.id).limit(COUNT_MOST).subquery())
    )
    items = db.session.scalars(found.order_by(Document.id.desc()).limit(size).offset((page - 1) * size)).unique()
    return Page(list(items), total or 0, page, size)


def _narrowed(found: Select[Document], query: SearchQuery, actor: Actor) -> Select[Document]:
    if query.type:
        found = found.where(Document.type == query.type)
    if query.state:
        found = found.where(Document.state == query.state)
    if query.date_from:
        found = found.where(Document.registered_on >= query.date_from)
    if query.date_to:
        found = found.where(Document.registered_on <= query.date_to)
    if query.group_id:
        found = found.where(Document.group_id == query.group_id)
    if query.owner_only:
        found = found.where(Document.created_by_id == actor.account_id)
    if query.iin:
        found = found.where(Document.id.in_(_by_iin(query.iin, actor)))
    if query.text.strip():
        found = found.where(_by_words(query.text))
    return found


def _by_iin(iin: str, actor: Actor) -> Select[int]:
    if not actor.has(Role.CLERK, Role.ADMINISTRATOR, Role.ARCHIVIST, Role.INSPECTOR):
        raise Forbidden(_l("Your roles do not allow you to search by IIN."))
    digest = people.iin_digest("".join(iin.split()))
    return select(SearchEntry.document_id).where(SearchEntry.iin_digest == digest)


def _by_words(words: str) -> ColumnElement[bool]:
    code = normalise_code(words)
    if is_code(code):
        return Document.code == code
    wanted = [word.replace("%", "").replace("_", "") for word in folded(words).split()]
    wanted = [word for word in wanted if word]
    if not wanted:
        return false()
    if db.engine.dialect.name == "sqlite" and all(len(word) >= SHORTEST for word in wanted):
        rows = select(_trigrams.c.rowid)
        for word in wanted:
            rows = rows.where(_trigrams.c.norm.like(f"%{word}%"))
        return Document.id.in_(rows)
    entries = select(SearchEntry.document_id)
    for word in wanted:
        entries = entries.where(SearchEntry.norm.like(f"%{word}%"))
    return Document.id.in_(entries)


def save_view(name: str, query: str, *, actor: Actor) -> SavedView:
    """Keep a search under a name; the same name again replaces it."""
    with unit_of_work():
        found = db.session.scalars(
            select(SavedView).where(SavedView.account_id == actor.account_id, SavedView.name == name.strip()[:80])
        ).first()
        view = found or SavedView(account_id=actor.account_id, name=name.strip()[:80])
        view.query = query[:500]
        db.session.add(view)
        db.session.flush()
        return view


def list_views(*, actor: Actor) -> list[SavedView]:
    found = select(SavedView).where(SavedView.account_id == actor.account_id).order_by(SavedView.name)
    return list(db.session.scalars(found))


def delete_view(view_id: int, *, actor: Actor) -> None:
    with unit_of_work():
        db.session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.account_id == actor.account_id))
