"""From a document to the data that its paper template takes, and to the paper itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from typing import Any

from docflow.core.calendar import add_months, add_years
from docflow.core.canonical import canonical_json
from docflow.core.messages import Translate, translated_by
from docflow.core.registry import document_type
from docflow.core.regulations import CONTINUED_BY, Clause, Profile, Standing
from docflow.core.types import DocumentType, SignatureSlot, Validity, value_at
from docflow.models import Document, Organisation, Signature
from docflow.regulations import REGULATIONS
from docflow.regulations.profiles import PROFILES
from docflow.rendering.paper import render
from docflow.rendering.qr import qr_svg
from docflow.services import environment
from docflow.services.environment import local_day

_translators: list[Callable[[str], Translate]] = []


def install_translators(translator_for: Callable[[str], Translate]) -> None:
    """Say how to translate into a given language: papers speak the document's language, not the reader's."""
    _translators[:] = [translator_for]


def speaking(language: str) -> AbstractContextManager[None]:
    """Translate messages into *language* meanwhile."""
    return translated_by(_translators[0](language), language=language) if _translators else nullcontext()


def profile_of(organisation: Organisation) -> Profile:
    """The organisation's profile with the settings that it has decided itself."""
    profile = PROFILES[organisation.profile]
    if not organisation.settings:
        return profile
    return Profile(profile.code, profile.title, profile.regulations, {**profile.overrides, **organisation.settings})


def verify_url(code: str) -> str:
    return f"{environment.current().settings.public_url.rstrip('/')}/v/{code}"


def validity(
    validity_of: Validity | None, content: Mapping[str, Any], profile: Profile, registered_on: date
) -> tuple[date, date | None]:
    """First and last day of force: the act's term from the field (or the day of issue) that the profile names."""
    if validity_of is None:
        return registered_on, None
    if validity_of.until is not None:
        until = content.get(validity_of.until)
        return registered_on, date.fromisoformat(until) if until else None
    term = profile.term(validity_of.term)
    anchored_at_issue = validity_of.setting is not None and profile.setting(validity_of.setting) == "issue"
    counted_from = content.get(validity_of.counted_from)
    anchor = registered_on if anchored_at_issue or not counted_from else date.fromisoformat(counted_from)
    end = add_years(anchor, term.amount) if term.unit == "years" else add_months(anchor, term.amount)
    return registered_on, end


def paper_data(
    document: Document, content: Mapping[str, Any], signatures: Sequence[Signature], *, draft: bool
) -> dict[str, Any]:
    """Compose what the template reads; the contract is in ``templates/paper/lib/paper.typ``."""
    kind = document_type(document.type)
    organisation = document.organisation
    profile = profile_of(organisation)
    url = verify_url(document.code)
    clause = kind.clause_for(profile)
    registered = document.registered_on
    until = validity(kind.validity, content, profile, registered)[1] if registered else None
    return {
        "language": document.language,
        "document": {
            "type": document.type,
            "title": kind.title.in_language(document.language),
            "number": document.number or "",
            "date": registered.isoformat() if registered else "",
            "code": "" if draft else document.code,
            "verify_url": "" if draft else url,
            "valid_until": until.isoformat() if until else "",
            "draft": draft,
        },
        "organisation": organisation_data(organisation),
        "regulation": regulation_data(clause, profile, registered or local_day(document.created_at), document.language),
        "qr": "" if draft else qr_svg(url),
        "slots": [slot_data(signature) for signature in signatures],
        "content": dict(content),
        "printed": dict(kind.printed(content, profile)) if kind.printed else {},
    }


def organisation_data(organisation: Organisation) -> dict[str, str]:
    names = (
        "name_kk",
        "name_ru",
        "short_kk",
        "short_ru",
        "city_kk",
        "city_ru",
        "address_kk",
        "address_ru",
        "bin",
        "phone",
        "email",
        "logo",
        "profile",
    )
    return {name: getattr(organisation, name) for name in names}


def regulation_data(clause: Clause | None, profile: Profile, day: date, language: str) -> dict[str, Any]:
    """The act as the paper names it, and whether it has ended by the paper's day; who goes on with it says on what."""
    if clause is None:
        return {"code": "", "clause": "", "title": "", "expired": False, "continued_by": ""}
    act = REGULATIONS[clause.regulation]
    standing = profile.standing(act, day)
    return {
        "code": act.code,
        "clause": clause.key,
        "title": act.short_title.in_language(language),
        "expired": standing in (Standing.EXPIRED, Standing.CONTINUED),
        "continued_by": str(profile.overrides[CONTINUED_BY]) if standing is Standing.CONTINUED else "",
    }


def slot_data(signature: Signature) -> dict[str, Any]:
    return {
        "name": signature.slot,
        "label": signature.label,
        "position": signature.position,
        "person": signature.person.as_content,
        "capacity": "acting" if signature.is_acting else signature.capacity,
        "basis": signature.basis if signature.is_acting else "",
    }


def make_paper(
    document: Document, content: Mapping[str, Any], signatures: Sequence[Signature], *, now: datetime
) -> bytes:
    """Render the final paper: number, date, QR and signature blocks are on it before anyone signs."""
    kind: DocumentType = document_type(document.type)
    data = paper_data(document, content, signatures, draft=False)
    return render(kind.template, data, attachment=canonical_json(content), when=now)


def signatures_of(document: Document) -> list[Signature]:
    """The slots of the newest paper, in their order; earlier, cancelled ones are history."""
    return [each for each in document.signatures if each.state != "cancelled"]


def slot_of(signature: Signature) -> SignatureSlot | None:
    """The declared slot, also of one row of a table of signers; ``None`` when the type has it no more."""
    row = signature.slot.rpartition("-")[0]
    slots = document_type(signature.document.type).slots_for(profile_of(signature.document.organisation))
    return next((each for each in slots if each.name == (row if each.people else signature.slot)), None)


def subject_of(kind: DocumentType, content: Mapping[str, Any]) -> Mapping[str, Any] | int | None:
    """The person that the content is about: a mapping with an IIN, or a person's id."""
    for path in kind.subjects:
        found = value_at(content, path)
        if isinstance(found, Mapping) and found.get("iin"):
            return found
        if isinstance(found, int) and not isinstance(found, bool):
            return found
    return None
