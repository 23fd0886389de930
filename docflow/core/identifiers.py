"""Identification numbers of people and organisations, and the code on a document's QR."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from docflow.core.messages import Message, _l

LENGTH = 12
MASK = "•"

# Government Resolution 565/2003 and order 406/2007: two passes over the first eleven digits. The
# eleventh digit weighs 11, that is 0, in the first pass: a slip in it is seen only when the first
# pass gives 10 (before or after the slip). This is a property of the number, not of this code.
_FIRST_PASS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_PASS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)

# What stands in the certificates that the national centre publishes for tests, in the place of people's and
# organisations' numbers: nobody's, with no possible date and a wrong check digit.
TEST_IINS = frozenset({"123456789011", "123456789012"})
TEST_BINS = frozenset({"123456789021"})

_CENTURY = {1: 1800, 2: 1800, 3: 1900, 4: 1900, 5: 2000, 6: 2000}

# Crockford's base 32: no I, L, O, U, so that a code survives being read aloud.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
_LOOKALIKES = str.maketrans(
    # What the eye confuses, then the Cyrillic letters that look like Latin ones on a phone.
    "OIL" + "ОІАВСЕНКМРТХУ",
    "011" + "01ABCEHKMPTXY",
)
_SEPARATORS = re.compile(r"[\s\-_.·‐‑‒–—−]+")


class FaultKind(StrEnum):
    LENGTH = "length"
    DIGITS = "digits"
    BIRTH_DATE = "birth_date"
    REGISTRATION_MONTH = "registration_month"
    CHECKSUM = "checksum"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a number.

    An operator may overrule a fault that the number's owner cannot mend (real registers hold a few
    numbers that fail the checksum), never one of form.
    """

    kind: FaultKind
    message: Message

    @property
    def may_be_overruled(self) -> bool:
        return self.kind not in (FaultKind.LENGTH, FaultKind.DIGITS)


_test_numbers: list[Callable[[], bool]] = []


def install_test_numbers(are_accepted: Callable[[], bool]) -> None:
    """Ask *are_accepted* whether the national centre's test numbers pass here; nobody asked: they do not."""
    _test_numbers[:] = [are_accepted]


def accepts_test_numbers() -> bool:
    return any(asked() for asked in _test_numbers)


def iin_faults(iin: str, *, today: date | None = None) -> tuple[Fault, ...]:
    """List what is wrong with an IIN; an empty tuple means that it may exist.

    With *today*, a birth date after it is a fault too. A test number of the national centre has none where the
    installation accepts those.
    """
    shape = _shape_faults(iin)
    if shape or (iin in TEST_IINS and accepts_test_numbers()):
        return shape
    faults = []
    if not _birth_is_possible(iin, today=today):
        faults.append(
            Fault(FaultKind.BIRTH_DATE, _l("The first seven digits of the IIN are no possible date of birth."))
        )
    return (*faults, *_checksum_faults(iin))


def bin_faults(bin_number: str) -> tuple[Fault, ...]:
    """List what is wrong with a BIN: year, month of registration, type, then the same checksum."""
    shape = _shape_faults(bin_number)
    if shape or (bin_number in TEST_BINS and accepts_test_numbers()):
        return shape
    faults = []
    if not 1 <= int(bin_number[2:4]) <= 12:
        faults.append(
            Fault(FaultKind.REGISTRATION_MONTH, _l("Digits 3 and 4 of the BIN are no month of registration."))
        )
    return (*faults, *_checksum_faults(bin_number))


def check_digit(first_eleven: str) -> int | None:
    """Compute the twelfth digit; ``None`` when both passes give 10: such numbers are not issued."""
    digits = [int(digit) for digit in first_eleven]
    for weights in (_FIRST_PASS, _SECOND_PASS):
        rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if rest != 10:
            return rest
    return None


def birth_date(iin: str) -> date | None:
    """Read the date of birth; ``None`` where the seventh digit does not name a century.

    ``ValueError`` when the digits are no date; ask :func:`iin_faults` first.
    """
    century = _CENTURY.get(int(iin[6]))
    return None if century is None else date(century + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))


def sex(iin: str) -> Sex | None:
    """Read the sex from the seventh digit: odd is male, even female, other digits say nothing."""
    digit = int(iin[6])
    if digit not in _CENTURY:
        return None
    return Sex.MALE if digit % 2 else Sex.FEMALE


def mask_iin(iin: str) -> str:
    """Show ``9001••••••23``: enough to tell two people of a list apart, never the number."""
    if len(iin) != LENGTH:
        return MASK * len(iin)
    return iin[:4] + MASK * 6 + iin[-2:]


def verification_code(below: Callable[[int], int]) -> str:
    """Draw a code of 12 characters (60 bits); ``below(n)`` gives a number from 0 to n - 1."""
    return "".join(ALPHABET[below(len(ALPHABET))] for _ in range(CODE_LENGTH))


def new_code() -> str:
    """Draw a code from the operating system's randomness."""
    return verification_code(secrets.randbelow)


def normalise_code(text: str) -> str:
    """Undo what people do to a code: hyphens, spaces, small letters, O for 0, I and L for 1, Cyrillic.

    The result need not be a code: ask :func:`is_code`.
    """
    upper = unicodedata.normalize("NFKC", text).upper()
    return _SEPARATORS.sub("", upper).translate(_LOOKALIKES)


def is_code(text: str) -> bool:
    return len(text) == CODE_LENGTH and all(character in ALPHABET for character in text)


def grouped_code(code: str) -> str:
    """Print a code as ``7K2M-9QXR-04TD``."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _shape_faults(number: str) -> tuple[Fault, ...]:
    # isdigit() alone accepts Arabic and superscript digits.
    if not (number.isascii() and number.isdigit()):
        return (Fault(FaultKind.DIGITS, _l("The number must consist of digits only, without spaces.")),)
    if len(number) != LENGTH:
        message = _l("The number must have 12 digits; this one has %(count)s.", count=len(number))
        return (Fault(FaultKind.LENGTH, message),)
    return ()


def _checksum_faults(number: str) -> tuple[Fault, ...]:
    if check_digit(number[:-1]) == int(number[-1]):
        return ()
    message = _l("The check digit does not match: compare the number with the document, digit by digit.")
    return (Fault(FaultKind.CHECKSUM, message),)


def _birth_is_possible(iin: str, *, today: date | None) -> bool:
    digit = int(iin[6])
    if digit not in _CENTURY and digit != 0:
        return False
    # 0 stands in numbers of some foreigners and names no century: any leap year will do.
    century = _CENTURY.get(digit, 2000)
    year = century + int(iin[:2]) if digit else 2000
    try:
        born = date(year, int(iin[2:4]), int(iin[4:6]))
    except ValueError:
        return False
    return digit == 0 or today is None or born <= today
