"""The public page: anyone who holds a paper asks whether it is true. No login, no IIN."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from docflow.core.checks import Axis
from docflow.core.errors import Invalid
from docflow.core.identifiers import is_code, normalise_code
from docflow.core.messages import _l
from docflow.services import environment, inspection, verification
from docflow.services.verification import ETSI_MEDIA_TYPE, FileReport, PublicReport
from docflow.web.acting import now, slow_down
from docflow.web.pictures import encoded
from docflow.web.submitted import uploaded, uploaded_all

pages = Blueprint("verify", __name__, url_prefix="/v")

_PICTURES = 6  # pages that are drawn for one answer, however many files it is about


def _count_file() -> None:
    slow_down("verify-file", limit=environment.current().settings.verify_files_per_minute, seconds=60)


@pages.get("/")
def ask() -> str | Response:
    """Type the code that stands under the QR square."""
    typed = normalise_code(request.args.get("code", ""))
    if typed:
        return redirect(url_for(".by_code", code=typed, lang=request.args.get("lang")))
    return render_template("pages/verify_ask.html")


@pages.get("/<code>")
def by_code(code: str) -> tuple[str, int]:
    slow_down("verify", limit=environment.current().settings.verify_per_minute, seconds=60)
    typed = normalise_code(code)
    report = verification.by_code(typed, now=now()) if is_code(typed) else None
    return _page(report, typed or code, compared=False)


@pages.post("/<code>")
def compare(code: str) -> tuple[str, int]:
    """Compare a file with the document of this code."""
    _count_file()
    name, pdf = uploaded("pdf")
    report = verification.compare(normalise_code(code), pdf, now=now())
    return _page(report, normalise_code(code), compared=True, filename=name, seen=_seen(report, pdf, _PICTURES))


@pages.post("/")
def compare_any() -> tuple[str, int]:
    """Look files up without a code; one has its own page, several have one together."""
    files = uploaded_all("pdf")
    most = environment.current().settings.verify_files_per_minute
    if len(files) > most:
        message = _l("Choose at most %(most)s files at a time.", most=most)
        raise Invalid(message, {"pdf": [str(message)]})
    for _each in files:
        _count_file()
    reports = [verification.compare(None, pdf, now=now()) for _name, pdf in files]
    most = max(1, _PICTURES // len(files))
    found = [(name[-80:], report, _seen(report, pdf, most)) for (name, pdf), report in zip(files, reports, strict=True)]
    if len(found) == 1:
        filename, report, seen = found[0]
        return _page(report, "", compared=True, filename=filename, seen=seen)
    return render_template("pages/verify_files.html", files=found, download=_download, encoded=encoded), 200


def _seen(report: PublicReport, pdf: bytes, most: int) -> list[inspection.Shown]:
    return inspection.shown(report.file, pdf, most=most) if report.file else []


def _page(
    report: PublicReport | None, code: str, *, compared: bool, filename: str = "", seen: Sequence[inspection.Shown] = ()
) -> tuple[str, int]:
    if report is None or not report.found:
        page = render_template(
            "pages/verify_unknown.html",
            code=code[:40], compared=compared, report=report, filename=filename[-80:], seen=seen,
            download=_download, encoded=encoded,
        )  # fmt: skip
        return page, 200 if compared else 404
    page = render_template(
        "pages/verify.html",
        report=report, code=code, compared=compared, filename=filename[-80:], seen=seen, Axis=Axis,
        download=_download, encoded=encoded,
    )  # fmt: skip
    return page, 200


def _download(report: FileReport) -> str:
    """The ETSI report as an address of its own, because the file it is about is kept nowhere."""
    xml = verification.etsi_report(report, now=now())
    return f"data:{ETSI_MEDIA_TYPE};base64,{base64.b64encode(xml).decode()}" if xml else ""
