"""Finding again: by number, name, IIN, in Kazakh, within what one may see; worklists, saved views, the throttle."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from docflow import demo
from docflow.config import Settings
from docflow.core.errors import Forbidden
from docflow.core.permissions import Actor, Role
from docflow.db import db
from docflow.models import SearchEntry
from docflow.services import documents, routing, search, throttle, worklists
from docflow.services.search import SearchQuery
from tests.services import world
from tests.services.world import KNK, NOW, WKU

Awaiting = tuple[Settings, list[int]]


def found(actor: Actor, text: str = "", **query: object) -> list[int]:
    page = search.find(SearchQuery(text=text, **query), actor=actor)  # type: ignore[arg-type]
    assert page.total == len(page.items)
    return sorted(each.id for each in page.items)


def test_by_number_name_and_code(awaiting: Awaiting) -> None:
    _, certificates = awaiting
    clerk, document = WKU.actor("clerk"), documents.load(certificates[1])
    assert found(clerk, document.number or "", type="course_certificate") == [certificates[1]]
    assert found(clerk, document.code) == [certificates[1]]
    spoken = f"{document.code[:4].lower()}-{document.code[4:8]} {document.code[8:]}"
    assert found(clerk, spoken) == [certificates[1]]
    assert certificates[1] in found(clerk, "Қуанышбекова")
    assert found(clerk, "нет такого слова") == []


@pytest.mark.parametrize(
    "words",
    [
        "қуанышбекова",
        "ҚУАНЫШБЕКОВА",
        "Қуаныш",
        "уаныш әсел",
        "Нұрланқызы ҚУАНЫШБЕКОВА",
        "ҚУАНЫШБЕКОВА  \t Әсел",
        "әсел",
    ],
)
def test_kazakh_letters_in_any_case_and_parts_of_words(awaiting: Awaiting, words: str) -> None:
    _, certificates = awaiting
    assert found(WKU.actor("clerk"), words, type="course_certificate") == [certificates[1]]


@pytest.mark.parametrize(("words", "hits"), [("ан", True), ("ән", False), ("Ки Ви", True), ("ғы", None)])
def test_words_of_two_letters(awaiting: Awaiting, words: str, hits: bool | None) -> None:
    """SQLite's trigrams know no two letters; both databases must answer alike."""
    _, certificates = awaiting
    names = {each: search.folded(f"{documents.load(each).subject_name} {documents.load(each).title} "
                                 f"{documents.load(each).number}") for each in certificates}  # fmt: skip
    wanted = search.folded(words).split()
    expected = [each for each, name in names.items() if all(word in name for word in wanted)]
    got = found(WKU.actor("clerk"), words, type="course_certificate")
    assert set(expected) <= set(got)
    if hits is not None and wanted != ["ан"]:
        assert bool(got) is hits


@pytest.mark.parametrize("words", ["%", "_", "'", '"', "\\", "a\\", "%%%%", "\x00", "AND OR NOT", "* NEAR(", "Ə"])
def test_signs_with_a_meaning_to_databases_are_letters_here(awaiting: Awaiting, words: str) -> None:
    everything = found(WKU.actor("clerk"))
    assert len(found(WKU.actor("clerk"), words)) < len(everything)


def test_by_the_whole_iin_for_those_who_may(awaiting: Awaiting) -> None:
    _, certificates = awaiting
    document = documents.load(certificates[0])
    assert document.subject is not None
    iin = document.subject.iin or ""
    clerk = WKU.actor("clerk")
    assert certificates[0] in found(clerk, iin=iin)
    assert found(clerk, iin=f"{iin[:6]} {iin[6:]}", type="course_certificate") == [certificates[0]]
    assert found(clerk, iin=iin[:11]) == []
    assert found(clerk, iin) == [], "an IIN is not among the words"
    with pytest.raises(Forbidden):
        found(WKU.actor("rector"), iin=iin)
    assert iin not in " ".join(entry.norm for entry in db.session.scalars(documents.select(SearchEntry)))


def test_everybody_finds_what_he_may_see_and_no_more(awaiting: Awaiting) -> None:
    _, certificates = awaiting
    clerk = WKU.actor("clerk")
    everything = found(clerk)
    assert set(certificates) <= set(everything)
    for reader in ("inspector", "archivist", "admin"):
        assert found(WKU.actor(reader)) == everything
    for stranger in (KNK.actor("clerk"), KNK.actor("rector"), Actor(None, None, "x", frozenset({Role.CLERK}))):
        assert found(stranger) == []
    for reader in (WKU.actor("rector"), WKU.actor("trainer"), WKU.actor("centre"), own(certificates[0])):
        seen = found(reader)
        for document_id in seen:
            documents.get(document_id, actor=reader)
        for document_id in set(everything) - set(seen):
            with pytest.raises(Exception, match=r".") as told:
                documents.get(document_id, actor=reader)
            assert type(told.value).__name__ == "NotFound"


def own(document_id: int) -> Actor:
    subject = documents.load(document_id).subject
    assert subject is not None
    return demo.actor_for_person(subject)


def test_narrowing(awaiting: Awaiting) -> None:
    _, certificates = awaiting
    clerk, today = WKU.actor("clerk"), NOW.date()
    document = documents.load(certificates[0])
    assert found(clerk, type="course_certificate", state="to_sign") == certificates
    assert found(clerk, type="course_certificate", state="in_force") == []
    assert found(clerk, type="course_certificate", date_from=today, date_to=today) == certificates
    assert found(clerk, type="course_certificate", date_from=today + timedelta(days=1)) == []
    assert set(found(clerk, group_id=document.group_id)) == set(found(clerk))
    assert found(clerk, group_id=999_999) == []
    page = search.find(SearchQuery(), actor=clerk, page=2, size=5)
    assert (len(page.items), page.page, page.has_next) == (5, 2, True)


def test_a_corrected_name_is_found_and_the_old_one_is_not(drafted: Awaiting) -> None:
    _, (_, first) = drafted
    clerk, document = WKU.actor("clerk"), documents.load(first)
    current = documents.content(document)
    changed = {**current, "applicant": {**current["applicant"], "surname": "Ыбырайымқызы"}}
    documents.update(first, changed, actor=clerk, version=document.version, now=NOW)
    assert found(clerk, "ыбырайымқызы") == [first]
    assert first not in found(clerk, current["applicant"]["surname"])


def test_saved_views_are_ones_own(app: Flask) -> None:
    clerk, other = WKU.actor("clerk"), KNK.actor("clerk")
    view = search.save_view("  Сертификаттар ", "type=course_certificate", actor=clerk)
    again = search.save_view("Сертификаттар", "type=course_certificate&state=to_sign", actor=clerk)
    assert again.id == view.id
    assert [(each.name, each.query) for each in search.list_views(actor=clerk)] == [
        ("Сертификаттар", "type=course_certificate&state=to_sign")
    ]
    assert search.list_views(actor=other) == []
    search.delete_view(view.id, actor=other)
    assert len(search.list_views(actor=clerk)) == 1
    search.delete_view(view.id, actor=clerk)
    assert search.list_views(actor=clerk) == []


def test_worklists_count_what_waits_for_whom(drafted: Awaiting) -> None:
    settings, (first, second) = drafted
    clerk = WKU.actor("clerk")
    assert worklists.counts(actor=clerk) == {
        "to_sign": 0, "to_consider": 0, "returned": 0, "drafts": 2, "out_for_signature": 0,
    }  # fmt: skip
    world.submit(first, clerk)
    assert worklists.counts(actor=clerk) | {"drafts": 1, "out_for_signature": 1} == worklists.counts(actor=clerk)
    assert worklists.counts(actor=own(first))["to_sign"] == 1
    world.sign_all(settings, first, NOW)
    world.submit(second, clerk)
    routing.perform(second, "return", actor=clerk, now=NOW, comment="Қайта")
    counts = worklists.counts(actor=clerk)
    assert (counts["to_consider"], counts["returned"], counts["drafts"], counts["out_for_signature"]) == (1, 1, 0, 0)
    for name, number in counts.items():
        page = worklists.waiting(name, actor=clerk)
        assert (len(page.items), page.total) == (number, number)
    assert worklists.waiting("to_consider", actor=clerk).items[0].id == first
    assert set(worklists.counts(actor=KNK.actor("clerk")).values()) == {0}
    assert worklists.names(WKU.actor("rector")) == ("to_sign",)


def test_the_throttle_counts_in_windows(app: Flask) -> None:
    def ask(moment: float, address: str = "203.0.113.9", kind: str = "verify") -> bool:
        now = NOW + timedelta(seconds=moment)
        return throttle.allow(kind, address, limit=3, seconds=60, now=now)

    assert [ask(second) for second in (0, 1, 2, 3, 59)] == [True, True, True, False, False]
    assert ask(5, "203.0.113.10")
    assert ask(5, kind="login")
    assert [ask(60), ask(61), ask(62), ask(63)] == [True, True, True, False]
    throttle.forget(before=NOW + timedelta(hours=1))
    assert ask(63)
