"""What docflow's validation is measured against: pyHanko's own call, in a process that knows nothing of docflow.

``python -m benchmarks.usual_validation ROOTS`` reads a line a file, "MOMENT PATH", validates every signature of it with
difference analysis, and prints the milliseconds of the processor, or "-" where pyHanko raised.
"""

from __future__ import annotations

import io
import logging
import sys
import time
from datetime import datetime
from pathlib import Path

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})


def validate(pdf: bytes, roots: list[x509.Certificate], moment: datetime) -> None:
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment)
    for each in reader.embedded_regular_signatures:
        validate_pdf_signature(each, context, key_usage_settings=USAGE)
    for each in reader.embedded_timestamp_signatures:
        validate_pdf_timestamp(each, context)


def main() -> None:
    logging.disable(logging.CRITICAL)
    roots = [x509.Certificate.load(path.read_bytes()) for path in Path(sys.argv[1]).glob("*.der")]
    for line in sys.stdin:
        moment, path = line.rstrip("\n").split(" ", 1)
        pdf = Path(path).read_bytes()
        began = time.process_time()
        try:
            validate(pdf, roots, datetime.fromisoformat(moment))
            told = f"{(time.process_time() - began) * 1000:.4f}"
        except Exception:  # noqa: BLE001  a file of the corpus that its own library cannot read is left out
            told = "-"
        sys.stdout.write(told + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
