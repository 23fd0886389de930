"""Imports point downward, and what is known to one package alone stays there."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "docflow"

# Each layer, and the layers that it may know. What is not named is forbidden.
BELOW: dict[str, set[str]] = {
    "core": set(),
    "regulations": {"core"},
    "config": {"core"},
    "db": {"core"},
    "models": {"core", "regulations", "db"},
    "rendering": {"core", "regulations"},
    "signing": {"core"},
    "archive": {"core", "signing"},
    "signer": {"core", "signing"},  # a program of its own, on another machine
    "jobs": {"core", "db", "config"},
    "mail": {"core", "config"},
    "forms": {"core", "regulations"},
    "samples": {"core", "regulations", "forms"},
    "services": {
        "core", "regulations", "config", "db", "models", "rendering", "signing", "archive", "jobs", "mail",
    },
    "web": {"core", "services"},
}  # fmt: skip
# These put everything together.
ASSEMBLY = ("docflow", "docflow.cli", "docflow.demo", "docflow.demo_attestation", "docflow.__main__")
# A module that may know one layer more, and why.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("docflow.web.accounts", "models"): "Flask-Security keeps its accounts in a table that it is given",
    ("docflow.web.accounts", "db"): "Flask-Security keeps its accounts in a table that it is given",
    ("docflow.web.acting", "db"): "the clock is read at the edge and handed down",
    ("docflow.web.errors", "db"): "an error page is drawn with a session that works again",
    ("docflow.web.filters", "regulations"): "a clause is cited in the words of its act",
    ("docflow.web.regulations", "regulations"): "the acts are data, and this page shows them",
    ("docflow.web.cards", "forms"): "an entry of a person's card is a record form, and no document",
    ("docflow.web.forms", "forms"): "draws the fields that forms are made of",
    ("docflow.web.signing", "signing"): "a challenge travels through the page as data",
}

# A library, and the only layers that may know it.
KNOWN_TO: dict[str, set[str]] = {
    "pyhanko": {"signing"},
    "pyhanko_certvalidator": {"signing"},
    "asn1crypto": {"signing"},
    "aiohttp": {"signer"},
    "pkcs11": {"signing"},
    "typst": {"rendering"},
    "dbos": {"jobs"},
    "smtplib": {"mail"},
    "obstore": {"archive"},
    "wtforms": {"forms", "web"},
    "flask_wtf": {"forms", "web"},
    "flask_security": {"web", "models"},  # an account is a row with its two mixins
    "flask_babel": {"web"},
    "flask": {"web", "jobs"},
    "flask_sqlalchemy": {"db"},
    "sqlalchemy": {"db", "models", "services", "jobs", "config"},
}


@dataclass(frozen=True)
class Import:
    module: str
    target: str
    line: int
    in_function: str

    @property
    def layer(self) -> str:
        return self.module.split(".")[1] if "." in self.module else self.module

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(source: str, module: str, *, is_package: bool) -> Iterator[Import]:
    def walk(node: ast.AST, function: str) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, node.lineno, function)
        elif isinstance(node, ast.ImportFrom):
            for target in targets(node):
                yield Import(module, target, node.lineno, function)
        inner = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inner)

    def targets(node: ast.ImportFrom) -> list[str]:
        base = node.module or ""
        if node.level:
            here = module.split(".")
            up = here[: len(here) - node.level + is_package]
            base = ".".join([*up, *([node.module] if node.module else [])])
        # "from docflow import jobs" names a module; "from docflow.core.errors import NotFound" does not matter.
        return [f"{base}.{alias.name}" for alias in node.names] if base == "docflow" else [base]

    yield from walk(ast.parse(source), "")


def all_imports() -> list[Import]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return [
        found
        for path in paths
        for found in imports_of(
            path.read_text(encoding="utf-8"), module_name(path), is_package=path.name == "__init__.py"
        )
    ]


IMPORTS = all_imports()


def only_annotates(found: Import) -> bool:
    """Tell whether a module names the records of another layer in annotations and nowhere else."""
    path = PACKAGE.parent.joinpath(*found.module.split("."))
    tree = ast.parse((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8"))
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.lineno == found.line
        for alias in node.names
    }
    annotating = {
        id(name)
        for node in ast.walk(tree)
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if annotation is not None
        for name in ast.walk(annotation)
    }
    used = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names)
    return all(id(node) in annotating for node in used)


def climbs(found: Import) -> bool:
    """Tell whether an import inside docflow goes up or sideways."""
    if found.module in ASSEMBLY or not found.target.startswith("docflow."):
        return False
    target = found.target.split(".")[1]
    # Pages draw the records that services hand over; they neither make nor ask for any.
    if found.layer == "web" and target == "models" and only_annotates(found):
        return False
    allowed = BELOW[found.layer] | {found.layer}
    return target not in allowed and (found.module, target) not in EXCEPTIONS


def leaks(found: Import) -> bool:
    """Tell whether a library is imported where it should not be known."""
    known_to = KNOWN_TO.get(found.target.split(".")[0])
    return known_to is not None and found.module not in ASSEMBLY and found.layer not in known_to


def is_hidden(found: Import) -> bool:
    return bool(found.in_function) and (found.module, found.in_function) != ("docflow", "create_app")


def test_every_module_belongs_to_a_layer() -> None:
    modules = {module_name(path) for path in PACKAGE.rglob("*.py")} - set(ASSEMBLY)
    assert {module.split(".")[1] for module in modules} <= set(BELOW)


def test_imports_point_downward() -> None:
    assert [str(found) for found in IMPORTS if climbs(found)] == []


def test_a_library_is_known_where_it_belongs() -> None:
    assert [str(found) for found in IMPORTS if leaks(found)] == []


def test_no_import_hides_in_a_function() -> None:
    assert [str(found) for found in IMPORTS if is_hidden(found)] == []


def test_the_core_knows_the_standard_library_only() -> None:
    foreign = [
        str(found)
        for found in IMPORTS
        if found.layer == "core" and found.target.split(".")[0] not in {*sys.stdlib_module_names, "docflow"}
    ]
    assert foreign == []


@pytest.mark.parametrize("exception", EXCEPTIONS, ids=str)
def test_every_exception_is_still_needed(exception: tuple[str, str]) -> None:
    module, layer = exception
    assert any(found.module == module and found.target.startswith(f"docflow.{layer}") for found in IMPORTS)


@pytest.mark.parametrize(
    ("module", "source", "judge"),
    [
        ("docflow.core.x", "from docflow.services import routing", climbs),
        ("docflow.core.x", "from ..services import routing", climbs),
        ("docflow.services.x", "from docflow.forms.base import F", climbs),
        ("docflow.web.accounts", "from docflow.rendering import paper", climbs),
        ("docflow.services.x", "import pyhanko.sign", leaks),
        ("docflow.services.x", "from flask import g", leaks),
        ("docflow.services.x", "def f():\n    import json", is_hidden),
    ],
)
def test_the_judges_see_what_they_should(module: str, source: str, judge: object) -> None:
    (found,) = imports_of(source, module, is_package=False)
    assert callable(judge)
    assert judge(found)
