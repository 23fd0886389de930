"""Whether who signs may sign that day: what his certificate must say, and the post for which the paper names him."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from cryptography import x509

from docflow.core.errors import Conflict
from docflow.core.messages import _l
from docflow.core.registry import document_type
from docflow.core.types import Capacity
from docflow.models import Signature
from docflow.services import people
from docflow.services.people import Signatory
from docflow.signing import authority
from docflow.signing.authority import EMPLOYEE, FIRST_HEAD, RIGHT_TO_SIGN
from docflow.signing.base import Signer

# Who signs for the organisation needs its certificate, with one of these roles of the national profile.
ROLES: dict[str, tuple[str, ...]] = {
    Capacity.HEAD_OR_ACTING: (FIRST_HEAD, RIGHT_TO_SIGN),
    Capacity.AUTHORISED: (FIRST_HEAD, RIGHT_TO_SIGN),
    Capacity.CENTRE_HEAD: (FIRST_HEAD, RIGHT_TO_SIGN, EMPLOYEE),
}


def signer_of(signature: Signature, *, with_seal: bool) -> Signer:
    """What the certificate must say; with the seal it is the organisation's own, and names no person."""
    organisation = signature.document.organisation
    if with_seal:
        name = organisation.name_ru if signature.document.language == "ru" else organisation.name_kk
        return Signer(name, "", organisation.bin, is_organisation=True)
    roles = ROLES.get(signature.capacity, ())
    return Signer(signature.signer_name, signature.person.iin or "", organisation.bin if roles else "", roles)


# Who signs, whether he acts for the holder, and then on what basis: as a paper prints it.
Printed = tuple[int, bool, str]


@dataclass
class Standing:
    """Asks about posts on one day, each once however large the batch is."""

    day: date
    _known: dict[tuple[int, str], Printed | None] = field(default_factory=dict)

    def demand(self, signature: Signature) -> None:
        """``Conflict`` when the post, or the substitution and its basis, are no longer what the paper prints."""
        position = _position(signature)
        if position is None:
            return
        place = (signature.document.organisation_id, position)
        if place not in self._known:
            self._known[place] = _printed(people.signatory_on(*place, self.day))
        acting = signature.basis if signature.is_acting else ""
        if self._known[place] != (signature.person_id, signature.is_acting, acting):
            raise Conflict(
                _l(
                    "%(name)s does not sign as “%(label)s” on this day, as the paper says: the post or the "
                    "substitution has ended. The clerk must return the document and send it again.",
                    name=signature.signer_name,
                    label=signature.label,
                )
            )


@dataclass
class Certificates:
    """What the certificates of one authorisation say, each read once however many documents it signs."""

    _known: dict[tuple[x509.Certificate, Signer, datetime], dict[str, Any]] = field(default_factory=dict)

    def demand(self, certificate: x509.Certificate, signer: Signer, *, at: datetime) -> dict[str, Any]:
        """Give what is kept of it beside the signature; ``Conflict`` when *signer* may not sign with it."""
        found = self._known.get((certificate, signer, at))
        if found is None:
            for finding in authority.check(certificate, signer=signer, at=at):
                raise Conflict(finding.message)
            found = self._known[certificate, signer, at] = _kept(certificate)
        return found


def _kept(certificate: x509.Certificate) -> dict[str, Any]:
    return {
        "subject": authority.certificate_name(certificate),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": f"{certificate.serial_number:x}",
        "not_after": certificate.not_valid_after_utc.isoformat(),
    }


def _position(signature: Signature) -> str | None:
    """The kind of post that signs in this slot; ``None`` where a person of the document does."""
    slots = document_type(signature.document.type).slots
    return next((slot.position for slot in slots if slot.name == signature.slot and slot.position), None)


def _printed(found: Signatory | None) -> Printed | None:
    if found is None:
        return None
    return found.person.id, found.is_acting, found.basis if found.is_acting else ""
