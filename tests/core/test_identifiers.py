"""IIN, BIN and verification codes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from docflow.core.identifiers import (
    ALPHABET,
    TEST_BINS,
    TEST_IINS,
    Fault,
    FaultKind,
    Sex,
    bin_faults,
    birth_date,
    check_digit,
    grouped_code,
    iin_faults,
    install_test_numbers,
    is_code,
    mask_iin,
    new_code,
    normalise_code,
    sex,
    verification_code,
)

births = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def kinds(faults: tuple[Fault, ...]) -> list[FaultKind]:
    return [fault.kind for fault in faults]


@st.composite
def iins(draw: st.DrawFn) -> str:
    born = draw(births)
    seventh = (3 if born.year < 2000 else 5) + draw(st.booleans())
    first_eleven = f"{born:%y%m%d}{seventh}{draw(st.integers(0, 9999)):04d}"
    last = check_digit(first_eleven)
    assume(last is not None)
    return f"{first_eleven}{last}"


def first_pass(number: str) -> int:
    return sum(int(digit) * (index + 1) for index, digit in enumerate(number[:11])) % 11


@given(iins())
def test_a_number_made_by_the_rule_has_no_fault(iin: str) -> None:
    assert iin_faults(iin) == ()


@given(iins(), st.integers(0, 9), st.integers(1, 9))
@example("900101300123"[:11] + str(check_digit("90010130012")), 0, 1)
def test_one_wrong_digit_among_the_first_ten_is_caught_in_the_first_pass(iin: str, place: int, shift: int) -> None:
    wrong = iin[:place] + str((int(iin[place]) + shift) % 10) + iin[place + 1 :]
    # Where a pass of 10 sends one of the two numbers to the second pass, the two may agree by chance.
    assume(first_pass(iin) != 10 and first_pass(wrong) != 10)
    assert FaultKind.CHECKSUM in kinds(iin_faults(wrong))


@given(iins(), st.integers(1, 9))
def test_a_wrong_check_digit_is_always_caught(iin: str, shift: int) -> None:
    wrong = iin[:11] + str((int(iin[11]) + shift) % 10)
    assert kinds(iin_faults(wrong)) == [FaultKind.CHECKSUM]


def test_the_eleventh_digit_is_not_protected_by_the_first_pass() -> None:
    # The documented limit of the number itself: its weight is 11, that is 0.
    first_eleven = "90010130012"
    assert first_pass(first_eleven) != 10
    assert check_digit(first_eleven) == check_digit(first_eleven[:-1] + "7")


def test_the_second_pass_decides_where_the_first_gives_ten() -> None:
    # 9·1 + 1·4 + 1·6 + 3·7 + 4·10 = 80, 80 mod 11 = 3; and by hand for one that gives 10:
    # 9·1 + 1·4 + 1·6 + 3·7 + 8·10 = 120 = 10 (mod 11), then 9·3 + 1·6 + 1·8 + 3·9 + 8·1 = 76 = 10: not issued;
    # 9·1 + 1·4 + 1·6 + 3·7 + 1·8 + 5·10 = 98 = 10, then 9·3 + 1·6 + 1·8 + 3·9 + 1·10 + 5·1 = 83 = 6.
    assert check_digit("90010130040") == 3
    assert check_digit("90010130080") is None
    assert check_digit("90010131050") == 6


def test_a_number_that_both_passes_refuse_is_never_valid() -> None:
    numbers = (f"{year:02d}01013{n:04d}" for year in range(50, 100) for n in range(10000))
    dead = next(number for number in numbers if check_digit(number) is None)
    assert all(kinds(iin_faults(f"{dead}{digit}")) == [FaultKind.CHECKSUM] for digit in range(10))


@pytest.mark.parametrize(
    ("iin", "kind"),
    [
        ("", FaultKind.DIGITS),
        ("90010130012", FaultKind.LENGTH),
        ("9001013001233", FaultKind.LENGTH),
        ("90010130012X", FaultKind.DIGITS),
        ("9001 0130 012", FaultKind.DIGITS),
        ("٩٠٠١٠١٣٠٠١٢٣", FaultKind.DIGITS),
        ("90010130012³", FaultKind.DIGITS),
    ],
)
def test_a_number_of_the_wrong_form_has_one_fault_that_nobody_may_overrule(iin: str, kind: FaultKind) -> None:
    (fault,) = iin_faults(iin)
    assert fault.kind == kind
    assert not fault.may_be_overruled
    assert str(fault.message)


@pytest.mark.parametrize("first_seven", ["9013013", "9000103", "9002303", "9002293", "9001007", "9001019", "0002291"])
def test_an_impossible_birth_date_is_a_fault(first_seven: str) -> None:
    faults = iin_faults(first_seven + "00000")
    assert FaultKind.BIRTH_DATE in kinds(faults)
    assert all(fault.may_be_overruled for fault in faults)


def test_29_february_of_a_leap_year_is_possible() -> None:
    assert FaultKind.BIRTH_DATE not in kinds(iin_faults("960229300000"))


def test_a_person_born_tomorrow_has_no_iin_today() -> None:
    iin = "260102500000"
    assert FaultKind.BIRTH_DATE in kinds(iin_faults(iin, today=date(2026, 1, 1)))
    assert FaultKind.BIRTH_DATE not in kinds(iin_faults(iin, today=date(2026, 1, 2)))


def test_the_test_certificates_of_the_national_authority_fail_the_checksum() -> None:
    # They carry these numbers; an operator may overrule with a reason.
    assert FaultKind.CHECKSUM in kinds(iin_faults("123456789011"))
    assert FaultKind.CHECKSUM in kinds(bin_faults("123456789021"))


@pytest.mark.parametrize(
    ("iin", "born", "who"),
    [
        ("900101300000", date(1990, 1, 1), Sex.MALE),
        ("851231400000", date(1985, 12, 31), Sex.FEMALE),
        ("040229500000", date(2004, 2, 29), Sex.MALE),
        ("150630600000", date(2015, 6, 30), Sex.FEMALE),
        ("991231100000", date(1899, 12, 31), Sex.MALE),
        ("900101000000", None, None),
    ],
)
def test_birth_date_and_sex_are_read_from_the_number(iin: str, born: date | None, who: Sex | None) -> None:
    assert birth_date(iin) == born
    assert sex(iin) == who


def test_a_bin_carries_a_month_of_registration_and_the_same_checksum() -> None:
    good = "19114000879"
    assert bin_faults(good + str(check_digit(good))) == ()
    # Printed in a public register, and wrong by one digit.
    assert kinds(bin_faults("191140008797")) == [FaultKind.CHECKSUM]
    assert FaultKind.REGISTRATION_MONTH in kinds(bin_faults("191340008797"))


@pytest.mark.parametrize("bin_number", ["160440007161", "000740000728", "971240001315", "940140000385", "941240000193"])
def test_the_numbers_of_well_known_organisations_pass(bin_number: str) -> None:
    assert bin_faults(bin_number) == ()


@pytest.mark.parametrize(("iin", "masked"), [("900101300123", "9001••••••23"), ("12345", "•••••"), ("", "")])
def test_a_masked_number_never_shows_the_whole(iin: str, masked: str) -> None:
    assert mask_iin(iin) == masked


def test_codes_have_twelve_characters_of_the_alphabet_and_do_not_repeat() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(is_code(code) for code in codes)


def test_a_code_is_as_random_as_its_source() -> None:
    assert verification_code(lambda below: below - 1) == "ZZZZZZZZZZZZ"
    assert verification_code(random.Random(1).randrange) == verification_code(random.Random(1).randrange)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("7k2m-9qxr-04td", "7K2M9QXR04TD"),
        (" 7K2M 9QXR 04TD ", "7K2M9QXR04TD"),
        ("7K2M—9QXR–O4TD", "7K2M9QXR04TD"),
        ("IL1O-0iLo-ABCD", "11100110ABCD"),
        ("7К2М-9QХR-О4ТD", "7K2M9QXR04TD"),
        ("7K2M9QXR04TD", "7K2M9QXR04TD"),
    ],
)
def test_a_code_is_understood_as_people_type_it(typed: str, code: str) -> None:
    assert normalise_code(typed) == code
    assert is_code(code)


@pytest.mark.parametrize("text", ["", "7K2M9QXR04T", "7K2M9QXR04TDD", "7K2M9QXR04TU", "7k2m9qxr04td"])
def test_other_text_is_no_code(text: str) -> None:
    assert not is_code(text)


@given(st.lists(st.sampled_from(ALPHABET), min_size=12, max_size=12).map("".join))
def test_a_printed_code_reads_back_as_itself(code: str) -> None:
    assert normalise_code(grouped_code(code)) == code
    assert normalise_code(grouped_code(code).lower()) == code


@pytest.fixture
def accepted() -> Iterator[None]:
    install_test_numbers(lambda: True)
    yield
    install_test_numbers(lambda: False)


def test_the_national_test_numbers_are_nobodys() -> None:
    """The precondition: they fail by themselves, and not by their form."""
    for number in sorted(TEST_IINS):
        assert set(kinds(iin_faults(number))) == {FaultKind.BIRTH_DATE, FaultKind.CHECKSUM}
    for number in sorted(TEST_BINS):
        assert set(kinds(bin_faults(number))) == {FaultKind.REGISTRATION_MONTH, FaultKind.CHECKSUM}


@pytest.mark.usefixtures("accepted")
def test_exactly_the_published_test_numbers_pass_where_they_are_accepted() -> None:
    assert {"123456789011", "123456789012"} == TEST_IINS
    assert {"123456789021"} == TEST_BINS
    assert [iin_faults(number) for number in TEST_IINS] == [(), ()]
    assert [bin_faults(number) for number in TEST_BINS] == [()]
    assert all(iin_faults(number) for number in (*TEST_BINS, "123456789013", "12345678901", "123456789010"))
    assert all(bin_faults(number) for number in (*TEST_IINS, "123456789020"))
    assert [(birth_date(number), sex(number)) for number in sorted(TEST_IINS)] == [(None, None)] * 2
