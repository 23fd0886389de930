"""What the acts leave open: decided by an administrator, checked, logged, and in force from the next step on."""

from __future__ import annotations

import pytest
from flask import Flask

from docflow.core.errors import Forbidden, Invalid, NotFound
from docflow.db import db
from docflow.models import Organisation
from docflow.regulations import KRG
from docflow.services import papers, people, settings
from docflow.services.settings import Open
from tests.services import attesting, world
from tests.services.attesting import Body


@pytest.fixture
def body(app: Flask) -> Body:
    return attesting.establish(settings={})


def decide(body: Body, name: str, value: str | None) -> Organisation:
    return settings.decide(name, value, actor=body.administrator, now=world.NOW)


def shown(body: Body, name: str) -> Open:
    organisation = db.session.get_one(Organisation, body.organisation.id)
    return next(each for each in settings.open_settings(organisation) if each.setting.name == name)


def test_every_open_setting_of_the_act_is_on_the_page_with_its_clause(body: Body) -> None:
    found = settings.open_settings(body.organisation)
    assert [each.setting.name for each in found] == [name for name, each in KRG.settings.items() if each.is_open]
    assert all(each.setting.clause.regulation == "KRG" for each in found)
    assert not any(each.is_decided for each in found)


def test_what_the_profile_has_decided_and_what_it_has_not(app: Flask) -> None:
    wku = people.organisation_of(world.WKU.actor("admin"))
    found = {each.setting.name: each for each in settings.open_settings(wku)}
    assert found["application_addressee"].is_of_profile
    assert len(found) == len(settings.open_settings(wku))  # two acts that know one name show it once


def test_a_decision_is_in_force_at_once_and_in_the_log(body: Body) -> None:
    organisation = decide(body, "majority_of", "composition")
    assert papers.profile_of(organisation).setting("majority_of") == "composition"
    (change,) = settings.changes(organisation)
    assert (change.name, change.by, change.on) == ("majority_of", body.administrator.name, world.NOW.date())
    assert (change.old.ru, change.new.ru) == ("", "от всего состава комиссии")
    assert shown(body, "majority_of").decided == change


def test_a_decision_is_changed_and_taken_back_and_the_log_only_grows(body: Body) -> None:
    decide(body, "majority_of", "composition")
    decide(body, "majority_of", "composition")  # nothing changes, nothing is written
    decide(body, "majority_of", "present")
    organisation = decide(body, "majority_of", None)
    assert organisation.settings == {}
    assert [(each.old.en, each.new.en) for each in settings.changes(organisation)] == [
        ("of the members present", ""),
        ("of the whole commission", "of the members present"),
        ("", "of the whole commission"),
    ]
    assert shown(body, "majority_of").value == "present"


@pytest.mark.parametrize(
    ("name", "value", "is_right"),
    [
        ("majority_of", "all", False),
        ("continued_by_order", "№ 12-н, 05.01.2025", True),
        ("continued_by_order", "2025 ж. 5 қаңтардағы № 12-н", True),
        ("continued_by_order", "№ 12-н", False),
        ("continued_by_order", "05.01.2025", False),
        ("continued_by_order", "  ", False),
        ("continued_by_order", "№ 12-н, 05.01.2025" + "а" * 300, False),
        ("knowledge_pass_mark", "50", True),
        ("knowledge_pass_mark", "62,5 %", True),
        ("knowledge_pass_mark", "100", True),
        ("knowledge_pass_mark", "101", False),
        ("knowledge_pass_mark", "0", False),
        ("knowledge_pass_mark", "half", False),
    ],
)
def test_an_answer_is_one_that_the_act_allows(body: Body, name: str, value: str, is_right: bool) -> None:
    if is_right:
        assert decide(body, name, value).settings == {name: value.strip()}
        return
    with pytest.raises(Invalid) as refused:
        decide(body, name, value)
    assert list(refused.value.errors) == [name]
    assert db.session.get_one(Organisation, body.organisation.id).settings_log == []


@pytest.mark.parametrize("name", ["name_order", "application_addressee", "nonsense"])
def test_what_an_act_has_decided_or_does_not_know_is_not_open(body: Body, name: str) -> None:
    with pytest.raises(NotFound):
        decide(body, name, "yes")


def test_only_an_administrator_decides(body: Body) -> None:
    for actor in (body.clerk, body.inspector):
        with pytest.raises(Forbidden):
            settings.decide("majority_of", "composition", actor=actor, now=world.NOW)


def test_an_order_of_ones_own_lets_the_act_go_on(body: Body) -> None:
    day = world.NOW.date()
    assert papers.profile_of(body.organisation).standing(KRG, day) == "expired"
    organisation = decide(body, "continued_by_order", "№ 12-н, 05.01.2026")
    assert papers.profile_of(organisation).standing(KRG, day) == "continued"


def test_both_figures_stand_where_the_act_contradicts_itself(body: Body) -> None:
    portfolios = shown(body, "portfolio_figures").figures
    assert (47, 48) in [(each.printed, each.counted) for each in portfolios]
    assert len(portfolios) == 11
    assert [(each.printed, each.counted) for each in shown(body, "observation_excess").figures] == [(102, 108)]
    assert shown(body, "majority_of").figures == ()
