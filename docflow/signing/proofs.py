"""Does a file hold what B-LT promises: word about the revocation of every certificate that a signature rests on?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from asn1crypto import cms, ocsp, x509
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import LocalKnowledge

_LONGEST_CHAIN = 10


def are_complete(values: Iterable[EmbeddedPdfSignature], known: LocalKnowledge, roots: Sequence[bytes]) -> bool:
    """Whether *known* speaks of the signers of *values*, of their time stamps and of all authorities between.

    EN 319 142-1, 6.3: at B-LT the revocation values of the whole path are there. A root and a responder that need not
    be asked about itself (RFC 6960, 4.2.2.2.1) are taken for granted.
    """
    return all(_is_backed(each.signed_data, known, roots) for each in values) and all(
        _is_backed(stamp, known, roots)
        for each in values
        for stamp in extract_tst_data_iter(each.signer_info, signed=False)
    )


def _is_backed(signed: cms.SignedData, known: LocalKnowledge, roots: Sequence[bytes]) -> bool:
    inside = [each.chosen for each in signed["certificates"] if each.name == "certificate"]
    pool = [*inside, *known.known_certs]
    signer = _signer(signed, pool)
    return signer is not None and all(
        _is_spoken_of(each, known) for each in _chain(signer, pool) if not _needs_no_word(each, roots)
    )


def _signer(signed: cms.SignedData, pool: Sequence[x509.Certificate]) -> x509.Certificate | None:
    wanted = signed["signer_infos"][0]["sid"]
    if wanted.name == "subject_key_identifier":
        found = (each for each in pool if each.key_identifier == wanted.chosen.native)
    else:
        number, issuer = wanted.chosen["serial_number"].native, wanted.chosen["issuer"]
        found = (each for each in pool if each.serial_number == number and each.issuer == issuer)
    return next(found, None)


def _chain(certificate: x509.Certificate, pool: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """As far as the file's own certificates lead; nothing is proven by it, so that no signature is verified here."""
    chain = [certificate]
    while len(chain) < _LONGEST_CHAIN and chain[-1].self_issued is False:
        last = chain[-1]
        above = [each for each in pool if each.subject == last.issuer]
        named = [each for each in above if each.key_identifier == last.authority_key_identifier]
        if not above:
            break
        chain.append((named or above)[0])
    return chain


def _needs_no_word(certificate: x509.Certificate, roots: Sequence[bytes]) -> bool:
    is_top = certificate.self_issued or certificate.dump() in roots
    return is_top or certificate.ocsp_no_check_value is not None


def _is_spoken_of(certificate: x509.Certificate, known: LocalKnowledge) -> bool:
    answers = (each.extract_single_response() for each in known.known_ocsps)
    return any(each is not None and _is_about(each["cert_id"], certificate) for each in answers) or any(
        each.crl_data.issuer == certificate.issuer for each in known.known_crls
    )


def _is_about(named: ocsp.CertId, certificate: x509.Certificate) -> bool:
    if named["serial_number"].native != certificate.serial_number:
        return False
    algorithm = named["hash_algorithm"]["algorithm"].native
    if algorithm not in hashlib.algorithms_available:  # a national one: the number is all there is to go by
        return True
    issuer = hashlib.new(algorithm, certificate.issuer.dump(), usedforsecurity=False).digest()
    return bool(named["issuer_name_hash"].native == issuer)
