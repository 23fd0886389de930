"""The protocols of an attestation commission: what stops one from being signed, and what its paper prints."""

from __future__ import annotations

import io
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from docflow.core.canonical import canonical_json
from docflow.core.permissions import SYSTEM
from docflow.core.rules import RelatedDocument, Rule, Step, collect
from docflow.core.types import slots_in
from docflow.forms import _protocol as module
from docflow.forms import head_protocol, teacher_protocol
from docflow.regulations.profiles import PROFILES
from docflow.rendering.paper import render
from tests.forms.assessed import deciding
from tests.rendering.samples import WHEN, whole

TEACHERS, HEADS = teacher_protocol.TYPE, head_protocol.TYPE
DAY = date(2024, 11, 20)
PROFILE = PROFILES["krg"]


def order(**changes: Any) -> RelatedDocument:
    members = [{"person": row["person"], "person_id": row["person_id"], "is_chair": row["is_chair"]}
               for row in TEACHERS.sample["composition"]]  # fmt: skip
    content = {"commission_name": "К", "members": members, "secretary_id": module.SECRETARY, "secretary": {}} | changes
    return RelatedDocument("commission_order", "41-АК/2024", "in_force", content, date(2024, 8, 26))


def application(number: int, state: str = "accepted", kind: Any = TEACHERS) -> RelatedDocument:
    item = next(item for item in kind.sample["items"] if item["application_id"] == number)
    content, person_id = {"claimed": item["claimed"]}, item["person_id"]
    return RelatedDocument("teacher_application", f"{number}-АӨ", state, content, subject_id=person_id, id=number)


def basis(kind: Any = TEACHERS) -> tuple[RelatedDocument, ...]:
    return tuple(application(item["application_id"], kind=kind) for item in kind.sample["items"])


BASIS = basis()


def protocol(kind: Any = TEACHERS, **changes: Any) -> dict[str, Any]:
    return deepcopy(dict(kind.sample)) | changes


def with_item(place: int = 0, kind: Any = TEACHERS, **changes: Any) -> dict[str, Any]:
    content = protocol(kind)
    content["items"][place] |= changes
    return content


def step(content: Mapping[str, Any], *, on: date = DAY, profile: Any = PROFILE, kind: Any = TEACHERS,
         **related: tuple[RelatedDocument, ...]) -> Step:  # fmt: skip
    known = {"organisation:commission_order": (order(),), "basis": basis(kind)} | {
        name.replace("__", ":"): found for name, found in related.items()
    }
    return Step(
        type=kind.name, transition="submit", content=content, actor=SYSTEM, on=on, profile=profile,
        related=lambda name: known.get(name, ()),
    )  # fmt: skip


def asked(rule: Rule, attempt: Step) -> list[tuple[str, str | None, int | None]]:
    found = collect((rule,), attempt)
    assert all(str(each.message) for each in found)
    return [(each.code, each.clause.key if each.clause else None, each.row) for each in found]


@pytest.mark.parametrize("kind", [TEACHERS, HEADS], ids=["teachers", "heads"])
def test_the_samples_are_valid_and_pass_every_rule(kind: Any) -> None:
    assert kind.form.validate_content(kind.sample) == (kind.sample, {})
    assert [str(each.message) for each in collect(kind.rules, step(protocol(kind), kind=kind))] == []


# ---------------------------------------------------------------- the commission


def test_composition_is_the_orders() -> None:
    rule = module.composition_is_the_orders
    assert asked(rule, step(protocol())) == []
    other = protocol(composition=protocol()["composition"][:-1])
    assert asked(rule, step(other)) == [("composition_is_the_orders", "KRG 17", None)]
    assert asked(rule, step(protocol(chair_id=102))) == [("composition_is_the_orders", "KRG 17", None)]
    assert asked(rule, step(protocol(secretary_id=102))) == [("composition_is_the_orders", "KRG 17", None)]
    assert asked(rule, step(protocol(order_number="42"))) == [("composition_is_the_orders", "KRG 17", None)]
    assert asked(rule, step(protocol(), organisation__commission_order=())) != []


@pytest.mark.parametrize(
    ("held_on", "is_in_office"),
    [("2024-08-25", False), ("2024-08-26", True), ("2025-08-26", True), ("2025-08-27", False)],
)
def test_commission_is_in_office(held_on: str, is_in_office: bool) -> None:
    found = asked(module.commission_is_in_office, step(protocol(held_on=held_on)))
    assert found == ([] if is_in_office else [("commission_is_in_office", "KRG 16", None)])


def test_session_has_taken_place() -> None:
    assert asked(module.session_has_taken_place, step(protocol())) == []
    early = step(protocol(), on=date(2024, 11, 19))
    assert asked(module.session_has_taken_place, early) == [("session_has_taken_place", "KRG 20", None)]


def test_attendance_is_of_members() -> None:
    rule = module.attendance_is_of_members
    guest = {"person": module.a_person(10), "person_id": module.SECRETARY, "arrived": "10:00", "left": ""}
    stays = protocol()["attendance"]
    assert asked(rule, step(protocol(attendance=[*stays, guest]))) == [("attendance_is_of_members", "KRG 17", 9)]
    turned = [stays[0] | {"left": "10:00"}, *stays[1:]]
    assert asked(rule, step(protocol(attendance=turned))) == [("attendance_is_of_members", "KRG 17", 1)]
    a_minute = [stays[0] | {"left": "10:01"}, *stays[1:]]
    assert asked(rule, step(protocol(attendance=a_minute))) == []


def test_chair_was_there() -> None:
    rule = module.chair_was_there
    assert asked(rule, step(protocol())) == []
    without = protocol(attendance=protocol()["attendance"][1:])
    assert asked(rule, step(without)) == [("chair_was_there", "KRG 17", None)]
    # He came for the last vote.
    late = [protocol()["attendance"][0] | {"arrived": "10:15"}, *protocol()["attendance"][1:]]
    assert asked(rule, step(protocol(attendance=late))) == []


# ---------------------------------------------------------------- the agenda


def test_there_is_something_to_decide() -> None:
    assert asked(module.there_is_something_to_decide, step(protocol(items=[]))) == [
        ("there_is_something_to_decide", "KRG 20", None)
    ]


def test_applications_are_accepted() -> None:
    rule = module.applications_are_accepted
    assert asked(rule, step(protocol())) == []
    missing = (*BASIS[:4], application(5, "refused"))
    assert asked(rule, step(protocol(), basis=missing)) == [("applications_are_accepted", "KRG 21 ¶2", 5)]


@pytest.mark.parametrize("forged", [{"person_id": 999}, {"claimed": "master"}])
def test_rows_are_of_their_applications(forged: dict[str, Any]) -> None:
    rule = module.rows_are_of_their_applications
    assert asked(rule, step(protocol())) == []
    assert asked(rule, step(with_item(1, **forged))) == [("rows_are_of_their_applications", "KRG 21 ¶2", 2)]


def test_nobody_votes_on_himself() -> None:
    rule = module.nobody_votes_on_himself
    assert asked(rule, step(protocol())) == []
    own = protocol()["items"][0]["votes"][0]["person_id"]
    assert asked(rule, step(with_item(person_id=own))) == [("nobody_votes_on_himself", "KRG 15", 1)]


def test_nobody_is_decided_twice() -> None:
    rule = module.nobody_is_decided_twice
    twice = protocol(items=[*protocol()["items"], protocol()["items"][0]])
    assert asked(rule, step(twice)) == [
        ("nobody_is_decided_twice", "KRG app. 4", 1), ("nobody_is_decided_twice", "KRG app. 4", 6),
    ]  # fmt: skip
    other = protocol(items=protocol()["items"][1:2])
    for state, rows in (("draft", []), ("to_sign", [2]), ("in_force", [2]), ("withdrawn", [])):
        elsewhere = RelatedDocument("teacher_protocol", "1-ПХ", state, other)
        found = asked(rule, step(protocol(), group__teacher_protocol=(elsewhere,)))
        assert [row for _, _, row in found] == rows, state


def test_every_item_is_decided() -> None:
    rule = module.every_item_is_decided
    assert asked(rule, step(with_item(1, voted_at=""))) == [("every_item_is_decided", "KRG 19", 2)]
    assert asked(rule, step(with_item(1, conclusion=""))) == [("every_item_is_decided", "KRG 19", 2)]


# ---------------------------------------------------------------- decisions


def test_decision_is_one_of_the_acts() -> None:
    rule = module.decision_is_one_of_the_acts
    assert asked(rule, step(with_item(category="master"))) == [("decision_is_one_of_the_acts", "KRG 19", 1)]
    wrong = with_item(0, HEADS, conclusion="lower_than_current", category="third")
    assert asked(rule, step(wrong, kind=HEADS)) == [("decision_is_one_of_the_acts", "KRG 46", 1)]


def test_difference_has_its_reason() -> None:
    rule = module.difference_has_its_reason
    other = {"conclusion": "current", "category": "moderator"}
    assert asked(rule, step(with_item(**other))) == [("difference_has_its_reason", "KRG 19", 1)]
    assert asked(rule, step(with_item(**other, reason="портфолио"))) == []
    assert asked(rule, step(with_item(1, reason=" "))) == [("difference_has_its_reason", "KRG app. 2", 2)]
    assert asked(rule, step(with_item(2, HEADS, reason=""), kind=HEADS)) == [
        ("difference_has_its_reason", "KRG app. 12", 3)
    ]


def test_heads_are_interviewed() -> None:
    rule = module.heads_are_interviewed
    assert asked(rule, step(protocol())) == []
    assert asked(rule, step(with_item(1, HEADS, interviewed=False), kind=HEADS)) == [
        ("heads_are_interviewed", "KRG 5 ¶2", 2)
    ]


# ---------------------------------------------------------------- votes


def attended(count: int) -> dict[str, Any]:
    """Everybody who is there votes for everything; nothing is left that differs."""
    content = protocol(attendance=protocol()["attendance"][:count])
    for item in content["items"]:
        item |= {"votes": module.ballots(*["for"] * count), "chair_casts": False}
    content["signers"] = [{"person": row["person"], "person_id": row["person_id"]}
                          for row in content["attendance"][1:]]  # fmt: skip
    return content


def test_vote_has_a_quorum() -> None:
    rule = module.vote_has_a_quorum
    assert asked(rule, step(attended(6))) == []
    assert asked(rule, step(attended(5))) == [("vote_has_a_quorum", "KRG 18", row) for row in range(1, 6)]
    # The sixth member left before the third vote.
    gone = attended(6)
    gone["attendance"][5]["left"] = "10:13"
    assert asked(rule, step(gone)) == [("vote_has_a_quorum", "KRG 18", row) for row in range(3, 6)]


def test_members_present_vote() -> None:
    rule = module.members_present_vote
    assert asked(rule, step(with_item(votes=module.ballots(*["for"] * 7)))) == [
        ("members_present_vote", "KRG 18 ¶2", 1)
    ]
    absent = with_item(votes=module.ballots(*["for"] * 9))
    assert asked(rule, step(absent)) == [("members_present_vote", "KRG 17", 1)]
    recused = with_item(votes=module.ballots(*["for"] * 7, "recused"))
    assert asked(rule, step(recused)) == []


@pytest.mark.parametrize(
    ("votes", "majority_of", "is_carried"),
    [
        ("for for for for for against against against", "present", True),
        ("for for for for against against against against", "present", True),  # the chair is for it
        ("against for for for for against against against", "present", False),
        ("for for for for against against against abstained", "present", False),
        ("for for for for for against against against", "composition", True),
        ("for for for for recused against against against", "present", True),
        ("for for for for recused against against against", "composition", False),
    ],
)
def test_majority_decides(votes: str, majority_of: str, is_carried: bool) -> None:
    attempt = step(with_item(votes=module.ballots(*votes.split())), profile=deciding("krg", majority_of=majority_of))
    found = asked(module.majority_decides, attempt)
    assert [row for _, _, row in found if row == 1] == ([] if is_carried else [1])


def test_signers_are_the_present() -> None:
    rule = module.signers_are_the_present
    assert asked(rule, step(protocol())) == []
    for signers in (protocol()["signers"][1:], [*protocol()["signers"], module.seat(109)], []):
        assert asked(rule, step(protocol(signers=signers))) == [("signers_are_the_present", "KRG 23 ¶5", None)]


# ---------------------------------------------------------------- slots and papers


def test_everybody_who_was_there_signs_and_the_chair_after_them() -> None:
    slots = slots_in(TEACHERS, TEACHERS.sample, PROFILE)
    assert [slot.name for slot in slots if slot.order == 1] == [*(f"member-{n}" for n in range(1, 8)), "secretary"]
    assert [(slot.name, slot.person) for slot in slots if slot.order == 2] == [("chair", "chair_id")]


def text_of(kind: Any, content: Mapping[str, Any]) -> tuple[str, int]:
    data = whole(kind.name, "kk", content)
    (signer,) = data["slots"]
    people = {row["person_id"]: row["person"] for row in content["composition"]}
    signing = [(f"member-{n}", row["person_id"]) for n, row in enumerate(content["signers"], start=1)]
    data["slots"] = [
        signer | {"name": name, "person": people.get(who, content["secretary"])}
        for name, who in (*signing, ("secretary", module.SECRETARY), ("chair", module.CHAIR))
    ]
    data["regulation"] = {"code": "KRG", "clause": kind.regulated_by[0].key, "title": "", "expired": False}
    data["printed"] = dict(kind.printed(content, PROFILE))
    reader = PdfReader(io.BytesIO(render(kind.template, data, attachment=canonical_json(content), when=WHEN)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split()), len(reader.pages)


def test_the_protocol_of_teachers_has_four_tables_and_its_composition() -> None:
    text, _ = text_of(TEACHERS, TEACHERS.sample)
    for heading in module.TEACHER_TABLES:
        assert heading[1] in text
    for words in (
        "Мәлімделген біліктілік санаты", "Себебі", "Комиссия төрағасы", "Хатшы", "мерзімінен бұрын",
        "Қатысқандар: 8/9, кворум 6", "2024 жылғы «20» қараша", "2027 жылғы 14 мамырға дейін",
        "портфолио бойынша 104 балл жиналды", "педагог-зерттеуші",
    ):  # fmt: skip
        assert words in text, words


def test_the_protocol_of_heads_has_two_parts_and_says_what_was_decided() -> None:
    text, _ = text_of(HEADS, HEADS.sample)
    for words in (
        "Аттестаттау комиссиясының ШЕШІМІ:", "1) сәйкес келеді:", "2) мәлімделген біліктілік санатына сәйкес емес",
        "Комиссия шешімі", "екінші санаттағы басшы", "біліктілік санатына сәйкес келмейді", "31 балл жиналды",
    ):  # fmt: skip
        assert words in text, words


def test_sixty_people_fill_several_pages_and_nobody_is_lost() -> None:
    content = protocol()
    numbers = [f"Адам{number:02}" for number in range(60)]
    content["items"] = [
        content["items"][place % 5] | {"person": {"surname": name, "given_name": "А", "patronymic": ""}}
        for place, name in enumerate(numbers)
    ]
    text, pages = text_of(TEACHERS, content)
    assert [name for name in numbers if name not in text] == []
    assert 3 < pages < 9
    # The head of a table stands again on every page that it reaches.
    assert text.count("Берілген біліктілік санаты") >= 4


def test_a_protocol_says_when_the_number_present_changed() -> None:
    content = attended(8)
    content["attendance"][7]["left"] = "10:13"
    assert module.printed(content, PROFILE)["present"] == [7, 8]
    assert "(дауыс беру кезінде 7–8)" in text_of(TEACHERS, content)[0]
    assert module.printed(protocol(items=[]), PROFILE)["present"] == [8, 8]
    assert module.heading(content) == content["commission_name"]
