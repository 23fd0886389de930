"""Bring messages.po of every language up to date with the sources: ``.venv/bin/python translations/update.py``.

New sentences arrive empty, to be translated by hand; sentences that are gone are dropped, git remembers them.
Nothing is guessed: a sentence that merely resembles an old one stays empty instead of becoming "fuzzy".
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("kk", "ru")
KEYWORDS = {"_l": None, "_": None, "gettext": None, "ngettext": (1, 2)}


def catalogue_path(language: str) -> Path:
    return ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"


def sentences() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Every file with a sentence to be translated, and the sentence."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    for path, _, message, _, _ in extract_from_dir(ROOT, methods, options, keywords=KEYWORDS):
        yield path, message


def extracted() -> Catalog:
    template = Catalog(project="docflow", charset="utf-8")
    for path, message in sorted(sentences(), key=lambda found: (found[0], str(found[1]))):
        # Without line numbers: a line more in a template should not change both catalogues.
        template.add(message, locations=[(path, 0)])
    return template


def translated(language: str) -> Catalog:
    """The catalogue of *language* as it is in the repository."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(
            locale=language, project="docflow", version="1", charset="utf-8", fuzzy=False, last_translator="docflow",
            language_team=language, msgid_bugs_address="docflow", header_comment=f"# What docflow says, in {language}.",
        )  # fmt: skip
    with path.open(encoding="utf-8") as source:
        return read_po(source, locale=language)


def update(language: str, template: Catalog) -> int:
    """Write the catalogue anew; give the number of sentences that wait for a translation."""
    catalogue = translated(language)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(target, catalogue, width=110, omit_header=False, sort_by_file=True, include_lineno=False)
    return sum(1 for message in catalogue if message.id and not message.string)


def main() -> None:
    template = extracted()
    for language in LANGUAGES:
        print(f"{language}: {update(language, template)} of {len(template)} to be translated")  # noqa: T201


if __name__ == "__main__":
    main()
