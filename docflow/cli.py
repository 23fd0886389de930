"""The ``docflow`` command."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from docflow import ROOT, create_app, demo, jobs, samples
from docflow import demo_attestation as attestation
from docflow.archive.store import open_store
from docflow.config import Settings, SettingsError, refuse_demo
from docflow.core.errors import DocflowError
from docflow.core.messages import Message, translated_by
from docflow.core.registry import document_types
from docflow.core.regulations import Clause, Text
from docflow.core.rules import Refusal
from docflow.core.types import DocumentType
from docflow.db import db
from docflow.regulations import REGULATIONS
from docflow.rendering.paper import render
from docflow.rendering.preview import stop as stop_previews
from docflow.services import archiving, people
from docflow.signer.command import signer
from docflow.signing import responders
from docflow.signing.demo import DemoAuthority
from docflow.signing.etsi import xml as validation_xml
from docflow.signing.gost import curve, engine
from docflow.signing.process import report_lines, validate_files
from docflow.signing.responders import RunningServices
from docflow.signing.trust import TrustStore


@click.group()
def main() -> None:
    """Regulated documents of education in Kazakhstan."""


main.add_command(signer)


def _settings() -> Settings:
    try:
        return Settings.load()
    except SettingsError as error:
        for problem in error.problems:
            click.echo(f"setting {problem}", err=True)
        raise SystemExit(2) from None


@contextmanager
def _application(settings: Settings | None = None) -> Iterator[Flask]:
    app = create_app(settings or _settings())
    with app.app_context():
        yield app


# Setting up and running


@main.command()
@click.option("--demo", "with_demo", is_flag=True, help="Add the demo authority, organisations and accounts.")
def init(with_demo: bool) -> None:
    """Create or migrate the database; safe to repeat."""
    settings = _settings()
    with _application(settings) as app:
        migrate_database()
        if with_demo:
            with _answering(settings):
                _fill_demo(app, settings, datetime.now(UTC))
    stop_previews()


def _fill_demo(app: Flask, settings: Settings, now: datetime) -> None:
    _install_demo(settings, now)
    demo.fill(settings, now=now, run_jobs=lambda: jobs.run_until_idle(app, timeout=600))
    attestation.fill(settings, now=now, run_jobs=lambda: jobs.run_until_idle(app, timeout=600))
    jobs.run_until_idle(app, timeout=600)  # what the last signatures have left to the archive


@contextmanager
def _answering(settings: Settings) -> Iterator[None]:
    """Let the demo's trust services answer meanwhile; where others hold the port, they answer, or the archive waits."""
    with ExitStack() as stack:
        if settings.trust_services_address:
            place = DemoAuthority(settings.demo_authority_dir)
            with suppress(OSError):
                stack.enter_context(RunningServices(place, port=settings.trust_services_port))
        yield


def _demand_tables(app: Flask) -> None:
    with app.app_context():
        problem = _database_problem() or _account_problem(app.config["DOCFLOW"])
    if problem:
        click.echo(f"The database {problem}", err=True)
        raise SystemExit(1)


def _account_problem(settings: Settings) -> str:
    """Production opens to nobody whose password stands in the README."""
    if settings.is_demo:
        return ""
    found = people.demo_accounts()
    return f"holds {len(found)} active demo accounts ({found[0].email}, …); close them first" if found else ""


def migrate_database() -> None:
    """Bring the current application's database to the newest schema, the job engine's tables too."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    upgrade(directory=str(ROOT / "migrations"))
    jobs.prepare(db.engine)


@main.command()
def serve() -> None:
    """Answer the web; needs "docflow init" before and a "docflow worker" beside."""
    settings = _settings()
    _demand_tables(create_app(settings))
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    os.execvpe(sys.executable, _granian(settings), environment)  # noqa: S606 - our own interpreter


def _granian(settings: Settings) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", settings.host, "--port",
        str(settings.port), "--workers", "1", "--blocking-threads", "4", "--log-level", "warning",
        "docflow:create_app",
    ]  # fmt: skip


@main.command()
def worker() -> None:
    """Do the jobs: issuing, mail, nightly work."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = _settings()
    app = create_app(settings)
    _demand_tables(app)
    gc.freeze()  # what is loaded stays: to look through it all again and again takes a tenth of a second each time
    jobs.run_worker(app, stop_event=stop, threads=settings.worker_threads)


@main.command()
def trust_services() -> None:
    """Answer for the demo authority on loopback: time stamps, OCSP, lists; "docflow run" starts it by itself."""
    settings = _settings()
    refuse_demo(settings, "trust services of our own")
    if not settings.trust_services_port:
        raise click.ClickException("Set trust_services_port: the port on 127.0.0.1 to answer on.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        responders.serve(DemoAuthority(settings.demo_authority_dir), port=settings.trust_services_port)
    except OSError as error:
        raise click.ClickException(f"Port {settings.trust_services_port} cannot be used: {error}.") from error


@main.command()
def run() -> None:
    """Web and worker together, for one machine; Ctrl-C ends both."""
    settings = _settings()
    _demand_tables(create_app(settings))
    commands = [[sys.executable, "-m", "docflow.cli", "worker"], _granian(settings)]
    if settings.trust_services_address:
        commands.append([sys.executable, "-m", "docflow.cli", "trust-services"])
    processes = [subprocess.Popen(command) for command in commands]
    click.echo(f"docflow answers at http://{settings.host}:{settings.port}/ and ends with Ctrl-C.")
    if settings.is_demo:
        _print_demo_accounts()
    try:
        _until_one_ends(processes[:2])  # without trust services documents wait for their level, and nobody else
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=15)


def _until_one_ends(processes: list[subprocess.Popen[bytes]]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.3)
    except KeyboardInterrupt:
        return


def _print_demo_accounts() -> None:
    click.echo(f"Demo accounts, password {demo.PASSWORD}, PIN of their keys {demo.PIN}:")
    for account in (*demo.STAFF, *demo.CONSERVATORY, *attestation.STAFF):
        roles = ", ".join(role.value for role in account.roles)
        click.echo(f"  {account.email:<24} {roles:<18} {account.post[2] if account.post else ''}".rstrip())
    for email, what in (
        (demo.LISTENER, "слушатель"), (attestation.TEACHER, "ждёт заседания"), (attestation.ATTESTEE, "аттестована"),
    ):  # fmt: skip
        click.echo(f"  {email:<24} {'applicant':<18} {what}")


# Looking


@main.command()
def check() -> None:
    """Look at settings, database, storage, keys, time stamps, fonts and collation; one line each."""
    try:
        settings = Settings.load()
    except SettingsError as error:
        for problem in error.problems:
            click.echo(f"FAIL settings: {problem}")
        raise SystemExit(1) from None
    click.echo("ok   settings")
    good = True
    for name, problem in _checks(settings):
        good = good and not problem
        click.echo(f"{'FAIL' if problem else 'ok  '} {name}{': ' + problem if problem else ''}")
    for name, remark in _remarks(settings):
        click.echo(f"note {name}: {remark}")
    raise SystemExit(0 if good else 1)


def _checks(settings: Settings) -> Iterator[tuple[str, str]]:
    with _application(settings):
        problem = _database_problem()
        yield "database", problem
        yield "accounts", "" if problem else _account_problem(settings)
        yield "collation", _collation_problem()
    yield "storage", _storage_problem(settings)
    yield "keys", _key_problem(settings)
    if not _may_lack_stamps(settings):
        yield "time stamps", _missing_stamps(settings)
    yield "fonts", _font_problem()


def _remarks(settings: Settings) -> Iterator[tuple[str, str]]:
    """What a demo may be without, and an administrator should know all the same."""
    missing = _missing_stamps(settings)
    if missing and _may_lack_stamps(settings):
        yield "time stamps", missing
    if "ncalayer" in settings.signature_providers and engine.digest_of(curve.SIZE) is None:
        yield "GOST", "national signatures over more than 2 MB need the package libengine-gost-openssl, not found here"
    if settings.national_test_numbers == "accepted":
        yield "test numbers", "the numbers of the national centre's test keys, which belong to nobody, pass here"


def _database_problem() -> str:
    try:
        tables = inspect(db.engine).get_table_names()
    except (OperationalError, OSError) as error:
        return f"cannot be asked ({error}); start it and look at database_url"
    if "df_document" not in tables or "df_worker" not in tables:
        return "has no tables; run: docflow init"
    if db.engine.dialect.name == "sqlite":
        mode = db.session.execute(text("PRAGMA journal_mode")).scalar()
        return "" if mode == "wal" else "is not in WAL mode; put it on a local disk"
    return ""


def _collation_problem() -> str:
    if db.engine.dialect.name != "postgresql":
        return ""
    folded = db.session.execute(text("SELECT lower('ҚАЗАҚ')")).scalar()
    return "" if folded == "қазақ" else "does not fold Kazakh letters; create the database with LC_CTYPE C.UTF-8"


def _storage_problem(settings: Settings) -> str:
    try:
        open_store(settings.store_url).check()
    except (DocflowError, OSError) as error:
        return f"{error}; check store_url and the rights of the directory"
    return ""


def _key_problem(settings: Settings) -> str:
    roots = [settings.trust_dir]
    if "demo" in settings.signature_providers:
        roots.append(DemoAuthority(settings.demo_authority_dir).trust)
    try:
        trusted = TrustStore.load(*roots)
    except ValueError as error:
        return str(error)
    return (
        "" if trusted.roots else "no root is trusted; put the authority's PEM into trust_dir, or: docflow init --demo"
    )


def _may_lack_stamps(settings: Settings) -> bool:
    return settings.is_demo and settings.without_services != "refuse"


def _missing_stamps(settings: Settings) -> str:
    """Levels above B-B need an authority that tells the time; without one they would never be reached, in silence."""
    wanted = {name: getattr(settings, name) for name in ("signature_level", "archive_level")}
    missing = [f"{name} is {level}" for name, level in wanted.items() if level != "B-B"]
    if settings.timestamp_url or not missing:
        return ""
    outcome = "nothing can be signed" if settings.without_services == "refuse" else "every signature stays at B-B"
    return f"{' and '.join(missing)}, but timestamp_url names no authority: {outcome}; give its address, or take B-B"


def _font_problem() -> str:
    kind = document_types()["course_certificate"]
    try:
        render(kind.template, _certificate_probe(kind), attachment=b"{}", when=datetime.now(UTC))
    except DocflowError as error:
        return f"{error}; reinstall the package typst"
    return ""


def _certificate_probe(kind: DocumentType) -> dict[str, Any]:
    content = dict(kind.sample)
    content["topic"] = "Ә Ғ Қ Ң Ө Ұ Ү Һ І ә ғ қ ң ө ұ ү һ і"
    organisation = {name: str(value) for name, value in demo.WKU_ORGANISATION.items()}
    return {
        "language": "kk", "content": content, "organisation": organisation, "qr": "", "slots": [],
        "document": {
            "type": kind.name, "title": kind.title.kk, "number": "", "date": "", "code": "", "verify_url": "",
            "valid_until": "", "draft": True,
        },
        "regulation": {"code": "WKU", "clause": "WKU app. 3", "title": "", "expired": False},
    }  # fmt: skip


@main.command()
@click.option("--json", "as_json", is_flag=True)
def types(as_json: bool) -> None:
    """List the registered types of document."""
    found = [_type_listing(kind) for kind in document_types().values()]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for each in found:
        click.echo(f"{each['name']}: {each['title']['en']} ({', '.join(each['regulated_by'])})")
        for rule in each["rules"]:
            click.echo(f"    {', '.join(rule['clauses'])}: {rule['sentence']}")


def _words(text_: Text) -> dict[str, str]:
    return {"kk": text_.kk, "ru": text_.ru, "en": text_.en}


def _type_listing(kind: DocumentType) -> dict[str, Any]:
    return {
        "name": kind.name,
        "title": _words(kind.title),
        "regulated_by": [clause.key for clause in kind.regulated_by],
        "workflow": {"name": kind.workflow.name, "states": list(kind.workflow.states)},
        "slots": [
            {"name": slot.name, "capacity": slot.capacity.value, "order": slot.order, "profiles": list(slot.profiles)}
            for slot in kind.slots
        ],
        "rules": [
            {"name": rule.name, "clauses": [c.key for c in rule.clauses], "sentence": rule.sentence}
            for rule in (*kind.rules, *(row for derivation in kind.derived_from for row in derivation.when))
        ],
        "attachments": [
            {"kind": each.kind, "clauses": [clause.key for clause in each.clauses]} for each in kind.attachments
        ],
        "derived_from": [each.source for each in kind.derived_from],
        "gathered_from": list(kind.gathered_from.sources) if kind.gathered_from else [],
    }


@main.command()
@click.option("--json", "as_json", is_flag=True)
def regulations(as_json: bool) -> None:
    """List the acts: editions, clauses, thresholds, terms, what they leave open."""
    found = {code: _act_listing(code) for code in REGULATIONS}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for code, act in found.items():
        click.echo(f"{code}: {act['title']['ru'] or act['title']['kk']}")
        for edition in act["editions"]:
            click.echo(f"    {edition['name']}: {edition['valid_from']} – {edition['valid_to'] or '…'}")
        for threshold in act["thresholds"]:
            click.echo(f"    {threshold['name']} = {threshold['value']} {threshold['unit']} ({threshold['clause']})")


def _act_listing(code: str) -> dict[str, Any]:
    act = REGULATIONS[code]
    return {
        "title": _words(act.title),
        "languages": list(act.languages),
        "editions": [
            {
                "name": each.name,
                "valid_from": each.valid_from.isoformat(),
                "valid_to": each.valid_to.isoformat() if each.valid_to else None,
            }
            for each in act.editions
        ],
        "clauses": [_clause_listing(each) for each in (*act.clauses.values(), *act.appendices.values())],
        "thresholds": [
            {"name": each.name, "value": str(each.value), "unit": each.unit, "clause": each.clause.key}
            for each in act.thresholds.values()
        ],
        "terms": [
            {"name": each.name, "amount": each.amount, "unit": each.unit, "clause": each.clause.key}
            for each in act.terms.values()
        ],
        "settings": [
            {"name": each.name, "choices": list(each.choices), "default": each.default, "clause": each.clause.key}
            for each in act.settings.values()
        ],
    }


def _clause_listing(clause: Clause) -> dict[str, str]:
    return {"key": clause.key, "kk": clause.quotation.kk, "ru": clause.quotation.ru}


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, in the order of the files.")
@click.option("--trust", "roots", multiple=True, type=click.Path(path_type=Path), help="A directory of root PEMs.")
@click.option("--online", is_flag=True, help="Ask the responders that trusted certificates name about revocation.")
@click.option(
    "--etsi",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write an ETSI TS 119 102-2 report a signed file into this directory.",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def validate(as_json: bool, roots: tuple[Path, ...], online: bool, etsi: Path | None, files: tuple[Path, ...]) -> None:
    """Validate the signatures of PDF files, each in a process with limits."""
    now = datetime.now(UTC)
    reports = validate_files(files, trust=TrustStore.load(*roots), now=now, online=online)
    for number, (path, report) in enumerate(zip(files, reports, strict=True), start=1):
        if etsi is not None and report.signatures:
            etsi.mkdir(parents=True, exist_ok=True)
            (etsi / f"{number:03d}-{path.stem}.xml").write_bytes(validation_xml(report, now=now))
        lines = [json.dumps(report.as_json(), ensure_ascii=False)] if as_json else report_lines(path, report)
        for line in lines:
            click.echo(line)


# The demo


@main.command(name="demo")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where everything goes.")
@click.option("--scenario", type=click.Choice(["course", "attestation"]), default="course", show_default=True)
@click.option("--count", default=samples.LISTENERS, show_default=True, type=click.IntRange(1, 2000), help="Listeners.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object in the last line.")
def demo_command(out: Path, scenario: str, count: int, as_json: bool) -> None:
    """Play a course or an attestation from application to certificate in an own instance inside OUT."""
    began = time.monotonic()
    out = out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    values = {"mode": "demo", "data_dir": out / "instance"}
    place = DemoAuthority(Settings.of(dict(values), directory=out).demo_authority_dir)
    with RunningServices(place, port=_known_port(place)) as services:
        settings = Settings.of({**values, "trust_services_port": services.port}, directory=out)
        listed, refusals, problems = _played(settings, out, scenario, count)
    stop_previews()
    seconds = round(time.monotonic() - began, 2)
    _tell(listed, refusals, seconds, as_json=as_json)
    for problem in problems:
        click.echo(problem, err=True)
    raise SystemExit(1 if problems else 0)


def _known_port(place: DemoAuthority) -> int:
    """The port that the certificates of an earlier run name; 0, for any, when there was none."""
    return urlsplit(place.address).port or 0


def _played(
    settings: Settings, out: Path, scenario: str, count: int
) -> tuple[list[dict[str, Any]], list[tuple[str, Refusal]], list[str]]:
    """Play it whole, up to the archive's signatures; the papers lie in OUT then."""
    with _application(settings) as app:
        migrate_database()
        now = datetime.now(UTC)
        _install_demo(settings, now)
        played = _play(app, settings, scenario, count, now)
        jobs.run_until_idle(app, timeout=600)
        db.session.expire_all()  # the archive's job has raised papers behind our back
        problems = demo.check(played.made, now=now)
        listed = [demo.listing(each, str(_written(out / "papers", each))) for each in played.made]
        return listed, list(played.refusals), problems


def _play(app: Flask, settings: Settings, scenario: str, count: int, now: datetime) -> demo.Course | attestation.Round:
    def run_jobs() -> None:
        jobs.run_until_idle(app, timeout=600)

    if scenario == "attestation":
        return attestation.run(settings, now=now, run_jobs=run_jobs)
    return demo.run_course(settings, count=count, now=now, run_jobs=run_jobs)


def _install_demo(settings: Settings, now: datetime) -> None:
    """Make every demo organisation, with keys that are old enough for what the demo has done in its past."""
    since = attestation.keys_from(now)
    demo.install(settings, now=since)
    attestation.install(settings, now=since)


def _written(directory: Path, document: Any) -> Path:
    folder = directory / document.type
    folder.mkdir(parents=True, exist_ok=True)
    number = "".join(c if c.isalnum() else "-" for c in document.number or "")
    path: Path = folder / f"{number}_{document.code}.pdf"
    path.write_bytes(archiving.read(document.paper_sha256))
    return path


def _tell(listed: list[dict[str, Any]], refused: list[tuple[str, Refusal]], seconds: float, *, as_json: bool) -> None:
    counts: dict[str, int] = {}
    for each in listed:
        counts[each["type"]] = counts.get(each["type"], 0) + 1
    for name, number in counts.items():
        click.echo(f"{number:>5} {name}")
    refusals = [
        {
            "type": name, "row": refusal.row, "clause": refusal.clause.key if refusal.clause else None,
            "message": _english(refusal.message),
        }
        for name, refusal in refused
    ]  # fmt: skip
    for each in refusals:
        click.echo(f"no {each['type']} for row {each['row']}: {each['message']} ({each['clause']})")
    click.echo(f"{len(listed)} documents in {seconds} s")
    if as_json:
        click.echo(json.dumps({"documents": listed, "refusals": refusals, "seconds": seconds}, ensure_ascii=False))


def _english(message: Message) -> str:
    with translated_by(str):
        return str(message)


if __name__ == "__main__":
    main()
