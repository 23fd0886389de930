"""Profiles: which acts bind an organisation, and where the local act and the general one differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import combinations

from docflow.core.regulations import Clause, Profile, Regulation, Text
from docflow.regulations.knk import KNK
from docflow.regulations.krg.act import KRG
from docflow.regulations.o95 import O95
from docflow.regulations.wku import WKU

O95_ALONE = Profile(
    code="o95",
    title=Text(
        "№ 95 бұйрық бойынша біліктілікті арттыру ұйымы",
        "Организация повышения квалификации по приказу № 95",
        "Organisation under Order No. 95",
    ),
    regulations=(O95,),
    overrides={
        "certificate_validity_from": "completion",
        "abroad_short_hours_max": "108",
        "nobd_entry_by": "education_organisation",
        "security_blank": "when_printed",
    },
)

WKU_OVER_O95 = Profile(
    code="wku",
    title=Text(
        "Батыс Қазақстан инновациялық-технологиялық университеті",
        "Западно-Казахстанский инновационно-технологический университет",
        "West Kazakhstan Innovation and Technological University",
    ),
    regulations=(WKU, O95),
    overrides={
        "application_addressee": "rector",
        "application_position_of": "applicant",
        "failed_reference": "yes",
        "questionnaire_consent": "yes",
        "certificate_validity_from": "completion",
        "security_blank": "when_printed",
    },
)

KNK_OVER_O95 = Profile(
    code="knk",
    title=Text(
        "Құрманғазы атындағы Қазақ ұлттық консерваториясы",
        "Казахская национальная консерватория имени Курмангазы",
        "Kurmangazy Kazakh National Conservatory",
    ),
    regulations=(KNK, O95),
    overrides={
        "unit_name": "retraining",
        "vice_rector_title": "academic",
        "change_sheet_title": "changes",
        "certificate_annex": "no",
        "security_blank": "when_printed",
    },
)

# Attestation stands by itself: the order on courses does not bind a commission. Another act on
# attestation takes its place as a pack and a profile of its own.
KRG_ALONE = Profile(
    code="krg",
    title=Text(
        "№ 153, № 354/НҚ бірлескен бұйрық бойынша аттестаттау органы",
        "Аттестующий орган по совместному приказу № 153, № 354/НҚ",
        "Attesting body under the joint order No. 153, No. 354/НҚ",
    ),
    regulations=(KRG,),
)

PROFILES: Mapping[str, Profile] = {
    profile.code: profile for profile in (O95_ALONE, WKU_OVER_O95, KNK_OVER_O95, KRG_ALONE)
}


def with_decisions(profile: Profile, decisions: Mapping[str, str]) -> Profile:
    """Add what an organisation has decided to its profile.

    ``ValueError`` names a setting that no act of the profile leaves open, or a value it does not allow.
    """
    for name, value in decisions.items():
        act = _first_with(name, profile)
        if act is None or not act.settings[name].is_open:
            raise ValueError(f"no act of profile {profile.code} leaves {name!r} open")
        if not act.settings[name].allows(value):
            raise ValueError(f"{name!r} may be one of {', '.join(act.settings[name].choices)}, not {value!r}")
    return replace(profile, overrides={**profile.overrides, **decisions})


class Kind(StrEnum):
    """Where in an act a differing value stands."""

    THRESHOLD = "threshold"
    TERM = "term"
    SETTING = "setting"


@dataclass(frozen=True)
class Held:
    """What one act says: the value, its unit, how it reads, and where."""

    regulation: Regulation
    value: Fraction | int | str
    unit: str
    clause: Clause
    reads: Text


@dataclass(frozen=True)
class Difference:
    """One name to which two acts of a profile give different values; the local one is applied."""

    kind: Kind
    name: str
    title: Text
    local: Held
    general: Held


def differences(profile: Profile) -> list[Difference]:
    """List where acts of *profile* disagree, in the order of the local act: to be shown, never hidden.

    A setting that the organisation has decided counts with the decided value. Where one act is
    silent there is no difference: the other one fills the gap.
    """
    found = []
    for local, general in combinations(profile.regulations, 2):
        said_locally, said_generally = dict(_said(local, profile)), dict(_said(general, profile))
        for (kind, name), (title, held) in said_locally.items():
            other = said_generally.get((kind, name))
            if other is not None and (other[1].value, other[1].unit) != (held.value, held.unit):
                found.append(Difference(kind, name, title, held, other[1]))
    return found


def _said(act: Regulation, profile: Profile) -> Iterator[tuple[tuple[Kind, str], tuple[Text, Held]]]:
    for threshold in act.thresholds.values():
        number = _number(threshold.value)
        held = Held(act, threshold.value, threshold.unit, threshold.clause, Text(number, number, number))
        yield (Kind.THRESHOLD, threshold.name), (threshold.title, held)
    for term in act.terms.values():
        amount = str(term.amount)
        held = Held(act, term.amount, term.unit, term.clause, Text(amount, amount, amount))
        yield (Kind.TERM, term.name), (term.title, held)
    for setting in act.settings.values():
        # The organisation decides what the first act that knows the name leaves open, not what a
        # later act says about it.
        decided = profile.overrides.get(setting.name) if _first_with(setting.name, profile) is act else None
        value = str(decided) if decided is not None else setting.default
        reads = setting.choice_titles.get(value, Text(value, value, value))
        yield (Kind.SETTING, setting.name), (setting.title, Held(act, value, "", setting.clause, reads))


def _first_with(name: str, profile: Profile) -> Regulation | None:
    return next((act for act in profile.regulations if name in act.settings), None)


def _number(value: Fraction | int) -> str:
    """Write a share as per cent where that is a whole number, else as a fraction."""
    if isinstance(value, int):
        return str(value)
    per_cent = value * 100
    return f"{per_cent.numerator} %" if per_cent.denominator == 1 else f"{value.numerator}/{value.denominator}"
