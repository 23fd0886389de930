"""The usual way: a page of HTML through WeasyPrint, pyHanko's SimpleSigner, a hash, a file, a row.

A process of its own, so that its memory does not count as docflow's: started by issue.py as
``python -m benchmarks.usual DIRECTORY``, it reads names as lines of JSON and answers each line with seconds. DIRECTORY
holds ``key.der`` and the certificates ``0.der``, ``1.der``, the signer's first.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from string import Template

import segno
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

PAGE = Template("""<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><title>Сертификат $number</title></head><body>
<div class="border"><div class="inner">
<p class="organisation">Западно-Казахстанский инновационно-технологический университет</p>
<h1>СЕРТИФИКАТ</h1><p class="number">№ $number</p>
<p>Настоящий сертификат подтверждает, что</p>
<h2>$name</h2>
<p>прошёл(прошла) курс повышения квалификации по теме</p>
<h3>«Развитие цифровых компетенций педагога в условиях обновлённого содержания образования»</h3>
<p>в объёме 80 академических часов</p>
<table><tr><th>Модуль</th><th>Часы</th><th>Оценка</th></tr>
<tr><td>Нормативные основы обновлённого содержания образования</td><td>16</td><td>85</td></tr>
<tr><td>Цифровые инструменты в образовательном процессе</td><td>32</td><td>92</td></tr>
<tr><td>Критериальное оценивание и обратная связь</td><td>20</td><td>78</td></tr>
<tr><td>Безопасность данных и академическая честность</td><td>12</td><td>90</td></tr></table>
<div class="foot"><div><p>Ректор</p><p>Шәкенов Бақыт Тұрарұлы</p></div><img src="$qr" alt="QR"></div>
</div></div></body></html>""")
STYLE = """
@page { size: A4 landscape; margin: 8mm }
body { font-family: "DejaVu Serif", "Liberation Serif", serif; font-size: 11pt; text-align: center; margin: 0 }
.border { border: 3mm double #0b5563; padding: 2mm }
.inner { border: 0.4mm solid #c9963b; padding: 6mm; height: 168mm }
.organisation { font-size: 13pt; text-transform: uppercase }
h1 { font-size: 30pt; letter-spacing: 3mm; color: #0b5563; margin: 3mm }
h2 { font-size: 20pt; margin: 3mm }
table { margin: 0 auto; border-collapse: collapse; font-size: 9pt }
td, th { border: 0.2mm solid #888; padding: 1mm 3mm; text-align: left }
.foot { display: flex; justify-content: space-between; margin: 4mm 20mm 0 }
.foot img { width: 26mm }
"""


@dataclass
class _Place:
    signer: SimpleSigner
    directory: Path
    database: sqlite3.Connection
    made: int = 0


def prepare(directory: Path) -> _Place:
    """Open key and database."""
    certificates = [asn1_x509.Certificate.load(path.read_bytes()) for path in sorted(directory.glob("[0-9].der"))]
    store = SimpleCertificateStore()
    store.register_multiple(certificates)
    key = asn1_keys.PrivateKeyInfo.load((directory / "key.der").read_bytes())
    database = sqlite3.connect(directory / "usual.sqlite3")
    database.execute("CREATE TABLE document (number TEXT PRIMARY KEY, holder TEXT, sha256 TEXT, path TEXT)")
    return _Place(SimpleSigner(certificates[0], key, store), directory, database)


def issue(place: _Place, names: list[str]) -> tuple[float, float]:
    """Make and sign a page for each name; the seconds that it took, of the clock and of the processor."""
    began, busy = time.perf_counter(), time.process_time()
    for name in names:
        place.made += 1
        _issue_one(place, f"ЦПК-ПК-{place.made:05d}/2026", name)
    return time.perf_counter() - began, time.process_time() - busy


def _issue_one(place: _Place, number: str, name: str) -> None:
    qr = segno.make(f"https://docflow.example/v/{number}", error="m").svg_data_uri(scale=4)
    fonts = FontConfiguration()
    page = PAGE.substitute(number=number, name=name, qr=qr)
    pdf = HTML(string=page).write_pdf(stylesheets=[CSS(string=STYLE, font_config=fonts)], font_config=fonts)
    signed = _signed(place.signer, pdf)
    path = place.directory / f"{place.made}.pdf"
    path.write_bytes(signed)
    row = (number, name, hashlib.sha256(signed).hexdigest(), str(path))
    place.database.execute("INSERT INTO document VALUES (?, ?, ?, ?)", row)
    place.database.commit()


def _signed(signer: SimpleSigner, pdf: bytes) -> bytes:
    details = PdfSignatureMetadata(field_name="head", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    output = PdfSigner(details, signer=signer, new_field_spec=SigFieldSpec("head")).sign_pdf(writer)
    return bytes(output.getbuffer())


def main() -> None:
    place = prepare(Path(sys.argv[1]))
    for line in sys.stdin:
        print(*issue(place, json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
