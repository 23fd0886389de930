"""A group: the course from applications to certificates at a glance, and what to do next."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from docflow.core.errors import Invalid, NotFound
from docflow.core.messages import _l
from docflow.core.permissions import Role
from docflow.core.registry import document_type
from docflow.core.regulations import Clause
from docflow.core.types import DocumentType
from docflow.models import Group, Organisation
from docflow.services import bulk, deadlines, groups, issuing, papers, people, scans, stages
from docflow.services.environment import local_day
from docflow.web.acting import actor, now, requires
from docflow.web.forms import GroupForm, filled, show_errors, with_choices
from docflow.web.language import language_code
from docflow.web.submitted import rows_changed, uploaded, uploaded_all

pages = Blueprint("groups", __name__, url_prefix="/groups")
Drawn = str | tuple[str, int] | Response
DAYS = ("starts_on", "ends_on")
STORED = (
    "code", "unit_id", "topic_kk", "topic_ru", "hours", "starts_on", "ends_on", "study_language", "format", "funding",
    "programme_kind", "max_score", "price", "trainer_id", "modules", "responsible",
)


@pages.get("/")
@requires(Role.CLERK, Role.ADMINISTRATOR, Role.ARCHIVIST, Role.INSPECTOR)
def listing() -> str:
    organisation = people.organisation_of(actor())
    return render_template(
        "pages/groups.html", groups=groups.listing(actor=actor()), kinds=groups.kinds_in_use(organisation),
        act_clause=clause_of(organisation),
    )  # fmt: skip


def _with_pickers(form: Any) -> Any:
    """Units of the actor; people of the organisation who may teach."""
    organisation = people.organisation_of(actor())
    is_kk = language_code() == "kk"
    mine = [unit for unit in people.units(organisation.id) if unit.id in actor().unit_ids]
    units = [(unit.id, unit.name_kk if is_kk else unit.name_ru) for unit in mine]
    today = local_day(now())
    held = [p for p in people.positions(organisation.id) if p.ends_on is None or p.ends_on >= today]
    staff = sorted({(post.person.full_name, post.person_id) for post in held})
    pairs = [(0, _("not chosen yet")), *((person_id, name) for name, person_id in staff)]
    return with_choices(form, unit_id=units, trainer_id=pairs)


@pages.get("/new")
@requires(Role.CLERK)
def new() -> str:
    form = _with_pickers(GroupForm(data={"max_score": 100, "price": 0}))
    return render_template("pages/group_form.html", form=form, group=None)


@pages.post("/new")
@requires(Role.CLERK)
def create() -> Drawn:
    return _save(None)


@pages.get("/<int:group_id>/edit")
@requires(Role.CLERK)
def edit(group_id: int) -> str:
    group = _course(group_id)
    form = _with_pickers(filled(GroupForm, {name: _sent(getattr(group, name)) for name in STORED}))
    return render_template("pages/group_form.html", form=form, group=group)


@pages.post("/<int:group_id>/edit")
@requires(Role.CLERK)
def update(group_id: int) -> Drawn:
    return _save(_course(group_id))


def _course(group_id: int) -> Group:
    """A round of attestation has fewer fields, and its commission comes from an order: it has a form of its own."""
    group = groups.get(group_id, actor=actor())
    if group.kind != "course":
        raise NotFound(_l("There is no such group."))
    return group


def _sent(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _save(group: Group | None) -> Drawn:
    changed = rows_changed(request.form)
    form = _with_pickers(GroupForm.submitted(changed if changed is not None else request.form))
    if changed is None and form.validate():
        try:
            saved = _stored(form, group)
            flash("new-group" if group is None else f"group-{saved.id}", "saved")
            flash(_("Saved."), "success")
            return redirect(url_for(".show", group_id=saved.id))
        except Invalid as invalid:
            show_errors(form, invalid)
    return render_template("pages/group_form.html", form=form, group=group), 200 if changed is not None else 422


def _stored(form: Any, group: Group | None) -> Group:
    data = form.content()
    data |= {name: date.fromisoformat(data[name]) for name in DAYS}
    data["trainer_id"] = data["trainer_id"] or None
    if group is None:
        return groups.create(data, actor=actor(), now=now())
    return groups.update(group.id, data, actor=actor())


@pages.get("/<int:group_id>")
def show(group_id: int) -> str:
    group = groups.get(group_id, actor=actor())
    glance, members = groups.glance(group, actor=actor()), groups.people_in(group)
    return render_template(
        "pages/group.html", group=group, glance=glance, members=members, columns=_columns(glance, members),
        importable=_local_first(group, glance.importable), one_by_one=_one_by_one(group, glance),
        deadlines=deadlines.of_group(group), today=local_day(now()), documents=_singles(group),
        may_act=actor().has(Role.CLERK) and group.unit_id in actor().unit_ids,
        paper_languages=_paper_languages(group), sources=_sources(group), act_clause=clause_of(group.organisation),
        offers=bulk.offers(glance, actor=actor()), reported_by=stages.REPORTED_BY,
    )


def _columns(glance: groups.Glance, members: list[Any]) -> list[tuple[Any, set[str]]]:
    """The stages in which documents of single people stand, for the table of listeners."""
    used = {document.type for _person, held in members for document in held}
    stages = [(stage.title, {count.kind.name for count in stage.counts} & used) for stage in glance.stages]
    return [(title, names) for title, names in stages if names]


def _one_by_one(group: Group, glance: groups.Glance) -> list[DocumentType]:
    """What begins in the group by hand: what a spreadsheet can fill and, in a round, every other application."""
    joining = [count.kind for stage in glance.stages for count in stage.counts if count.kind.joins == group.kind]
    known = {kind.name: kind for kind in (*glance.importable, *joining) if not kind.derived_from}
    return _local_first(group, tuple(known.values()))


def _local_first(group: Group, kinds: tuple[DocumentType, ...]) -> list[DocumentType]:
    """The local act's forms before the general one's."""
    profile = papers.profile_of(group.organisation)
    rank = {act.code: place for place, act in enumerate(profile.regulations)}
    bound = [(kind, kind.clause_for(profile)) for kind in kinds]
    return [kind for kind, clause in sorted(bound, key=lambda pair: rank[pair[1].regulation] if pair[1] else 9)]


def _paper_languages(group: Group) -> tuple[str, ...]:
    profile = papers.profile_of(group.organisation)
    return ("kk",) if profile.regulations[0].languages == ("kk",) else ("kk", "ru")


def _sources(group: Group) -> set[int]:
    """Documents of the group from whose rows others are issued now."""
    return {
        document.id
        for document in _singles(group)
        if any(how.state == document.state and not how.is_drafted for _kind, how in issuing.derivable(document))
    }


def clause_of(organisation: Organisation) -> Clause | None:
    """A clause of the act that stands first, to say on the page when it has ended."""
    act = papers.profile_of(organisation).regulations[0]
    return next(iter(act.clauses.values()), None)


def _singles(group: Group) -> list[Any]:
    """Orders and sheets of the group: documents that are about nobody in particular."""
    return [document for document in groups.documents_of(group) if document.subject_id is None]


@pages.post("/<int:group_id>/applications")
@requires(Role.CLERK)
def import_applications(group_id: int) -> str:
    """One draft for each row of the spreadsheet; bad rows say why."""
    name, data = uploaded()
    report = groups.import_applications(
        group_id, request.form.get("type", ""), name, data, actor=actor(), now=now(),
        language=request.form.get("language") or None,
    )
    group = groups.get(group_id, actor=actor())
    return render_template("pages/report.html", report=report, group=group, document=None)


@pages.post("/<int:group_id>/steps/<type_name>/<state>/<name>")
@requires(Role.CLERK)
def act_for_all(group_id: int, type_name: str, state: str, name: str) -> str:
    """Take one step for every document of a type and state; each gets its own answer."""
    group, results = bulk.perform_all(group_id, type_name, state, name, actor=actor(), now=now())
    return render_template("pages/group_steps.html", group=group, results=results, kind=document_type(type_name))


@pages.post("/<int:group_id>/scans")
@requires(Role.CLERK)
def attach_scans(group_id: int) -> str:
    """Attach many scans at once; each file gets its own answer."""
    group, results = scans.attach_all(group_id, uploaded_all(), actor=actor(), now=now())
    return render_template("pages/group_scans.html", group=group, results=results)


@pages.post("/<int:group_id>/gather/<type_name>")
@requires(Role.CLERK)
def gather(group_id: int, type_name: str) -> Response:
    """Draft the next document from what the group has; open its form, or its page to fill it from a table."""
    language = request.form.get("language", "")
    document = groups.gather(group_id, type_name, actor=actor(), now=now(), language=language)
    page = "documents.show" if document_type(type_name).spreadsheet else "documents.edit"
    return redirect(url_for(page, document_id=document.id))
