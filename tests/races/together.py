"""Several people at once: each in a thread of his own, with his own connection, let go together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from docflow.core.errors import DocflowError
from docflow.db import db

Act = Callable[[], object]


def together(app: Flask, acts: Sequence[Act]) -> list[object]:
    """What each act gave, or the error of ours that it met; any other error is the test's failure."""
    gate = threading.Barrier(len(acts))

    def run(act: Act) -> object:
        with app.app_context():
            try:
                db.session.connection()
                db.session.rollback()
                gate.wait(timeout=120)
                return act()
            except DocflowError as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
