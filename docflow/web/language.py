"""In which language a page speaks: asked for in the address, chosen, the account's, the browser's."""

from __future__ import annotations

from functools import cache, partial
from gettext import NullTranslations
from pathlib import Path
from urllib.parse import urlsplit

from babel.support import Translations
from flask import Blueprint, Flask, has_request_context, redirect, request, session
from flask_babel import Babel, get_locale, gettext
from flask_security import current_user
from werkzeug.wrappers import Response
from wtforms.i18n import get_builtin_gnu_translations

from docflow.core.messages import Translate, install_translator
from docflow.services import papers, people

pages = Blueprint("language", __name__)

# In their own words: whoever needs the switch cannot read the language of the page.
LANGUAGES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
SHORT = {"kk": "Қаз", "ru": "Рус", "en": "Eng"}
DEFAULT = "kk"
# Flask-Security has its Russian under this name only; ours, under ru, is found by it too.
LOCALES = {"ru": "ru_RU"}


def install(app: Flask, *, translations: Path) -> None:
    """Set Babel up and let the core's messages speak the page's language."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", DEFAULT)
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(translations))
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Asia/Almaty")
    Babel(app, locale_selector=current_locale)
    install_translator(translate, language=language_code)
    papers.install_translators(partial(_translator_for, translations))
    app.jinja_env.globals.update(languages=LANGUAGES, short_languages=SHORT, current_language=language_code)


def current_language() -> str:
    """The first language that is asked for and that we speak."""
    if not has_request_context():
        return DEFAULT
    account = getattr(current_user, "language", None) if current_user else None
    wanted = (request.args.get("lang"), session.get("language"), account)
    chosen = next((language for language in wanted if language in LANGUAGES), None)
    return chosen or request.accept_languages.best_match(LANGUAGES) or DEFAULT


def current_locale() -> str:
    chosen = current_language()
    return LOCALES.get(chosen, chosen)


def language_code() -> str:
    """The language of the page as two letters, for ``lang`` attributes and the acts' wordings."""
    locale = get_locale()
    return locale.language if locale else DEFAULT


def translate(sentence: str) -> str:
    """Translate with our own catalogue, and WTForms' sentences with theirs."""
    ours = gettext(sentence)
    return ours if ours != sentence else _wtforms(language_code()).gettext(sentence)


def _translator_for(translations: Path, language: str) -> Translate:
    """Translate into *language*, whatever the reader speaks: for papers and files."""
    catalogue = _catalogue(translations, language)
    return catalogue.gettext


@cache
def _catalogue(translations: Path, language: str) -> NullTranslations:
    return Translations.load(str(translations), [language])


@cache
def _wtforms(language: str) -> NullTranslations:
    found: NullTranslations = get_builtin_gnu_translations([language])
    return found


@pages.post("/language")
def choose() -> Response:
    """Remember the chosen language, in the account too, and go back."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        session["language"] = wanted
        if current_user.is_authenticated:
            people.set_language(current_user.id, wanted)
    return redirect(local_address(request.form.get("next", "")))


def local_address(address: str) -> str:
    """*address* if it stays on this site, else the first page."""
    parts = urlsplit(address)
    is_local = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if is_local else "/"
