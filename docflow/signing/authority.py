"""Whether a certificate fits the person who acts, for the organisation and in the role he acts in."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from docflow.core.checks import Axis
from docflow.core.messages import Message, _l
from docflow.signing.base import Signer
from docflow.signing.findings import Finding, Severity

# The national profile of certificates: extended key usages that tell a role.
INDIVIDUAL = "1.2.398.3.3.4.1.1"
LEGAL_ENTITY = "1.2.398.3.3.4.1.2"
FIRST_HEAD = "1.2.398.3.3.4.1.2.1"
RIGHT_TO_SIGN = "1.2.398.3.3.4.1.2.2"
EMPLOYEE = "1.2.398.3.3.4.1.2.5"


def _values(certificate: x509.Certificate, kind: x509.ObjectIdentifier, prefix: str) -> list[str]:
    values = (str(each.value) for each in certificate.subject.get_attributes_for_oid(kind))
    return [value.removeprefix(prefix) for value in values if value.startswith(prefix)]


def certificate_iin(certificate: x509.Certificate) -> str:
    """The IIN that the subject's serialNumber carries, or an empty string."""
    return next(iter(_values(certificate, NameOID.SERIAL_NUMBER, "IIN")), "")


def certificate_bin(certificate: x509.Certificate) -> str:
    """The BIN that the subject's OU carries, or an empty string: then it is a private person's."""
    return next(iter(_values(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME, "BIN")), "")


def certificate_name(certificate: x509.Certificate) -> str:
    """The holder as the profile spells him: CN holds surname and first name, givenName the patronymic."""
    parts = _values(certificate, NameOID.COMMON_NAME, "")[:1] + _values(certificate, NameOID.GIVEN_NAME, "")[:1]
    return " ".join(parts)


def certificate_organisation(certificate: x509.Certificate) -> str:
    return next(iter(_values(certificate, NameOID.ORGANIZATION_NAME, "")), "")


def issuer_name(certificate: x509.Certificate) -> str:
    names = certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def certificate_roles(certificate: x509.Certificate) -> frozenset[str]:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return frozenset()
    return frozenset(each.dotted_string for each in usage)


def is_for_signing(certificate: x509.Certificate) -> bool:
    """Key usage nonRepudiation or digitalSignature, and no extended usage that is for logging in alone."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    for_login_only = ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string in certificate_roles(certificate) and (
        ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string not in certificate_roles(certificate)
    )
    return (usage.content_commitment or usage.digital_signature) and not for_login_only


def check(certificate: x509.Certificate, *, signer: Signer, at: datetime) -> tuple[Finding, ...]:
    """Every reason why *certificate* is not the one with which *signer* may sign at *at*; none means it fits."""
    reasons: list[tuple[str, Message]] = []
    # Without an IIN on either side nothing says that they are the same person.
    if not signer.is_organisation and (not signer.iin or certificate_iin(certificate) != signer.iin):
        reasons.append(
            (
                "another-person",
                _l("This key belongs to another person: choose the key of %(name)s.", name=signer.person_name),
            )
        )
    if (signer.bin or signer.is_organisation) and certificate_bin(certificate) != (signer.bin or None):
        reasons.append(
            (
                "another-organisation",
                _l("This key was not issued for the organisation with BIN %(bin)s.", bin=signer.bin),
            )
        )
    if not is_for_signing(certificate):
        reasons.append(("not-for-signing", _l("This key is for logging in, not for signing: choose the signing key.")))
    if signer.roles and not certificate_roles(certificate) & set(signer.roles):
        reasons.append(
            ("role-missing", _l("The certificate does not give the role that this signature needs (right to sign)."))
        )
    reasons.extend(_period(certificate, at))
    return tuple(Finding(code, Severity.ERROR, Axis.IDENTITY, message) for code, message in reasons)


def _period(certificate: x509.Certificate, at: datetime) -> list[tuple[str, Message]]:
    if at < certificate.not_valid_before_utc:
        day = certificate.not_valid_before_utc.date().isoformat()
        return [("not-yet-valid", _l("The certificate is valid only from %(day)s.", day=day))]
    if at > certificate.not_valid_after_utc:
        day = certificate.not_valid_after_utc.date().isoformat()
        return [("expired", _l("The certificate expired on %(day)s: get a new key.", day=day))]
    return []
