"""The command: whose pages, which key, and the conversation in the terminal."""

from __future__ import annotations

import asyncio
import gettext
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import click
from cryptography.exceptions import UnsupportedAlgorithm

from docflow.core.errors import ProviderError
from docflow.core.messages import Message, _l, translated_by
from docflow.signer import keys, server, tls
from docflow.signer.keys import CannotSign, Key, OpenKey
from docflow.signer.protocol import Consent, Sheet
from docflow.signing import pkcs11
from docflow.signing.demo import WrongPin

TRANSLATIONS = Path(__file__).parents[2] / "translations"
ATTEMPTS = 3
CANCELLED = _l("Cancelled: nothing was signed.")


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
        raise click.BadParameter(f"{text}: give an origin like https://docs.example.kz")
    return f"{parts.scheme}://{parts.netloc}"


@click.command()
@click.option(
    "--key", "path", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PKCS#12 file (.p12), also of a national GOST key; or PEM with such a key.",
)  # fmt: skip
@click.option(
    "--module", help="PKCS#11 library of a token, in the place of a file: libsofthsm2.so, opensc-pkcs11.so, …"
)
@click.option("--token", default="", help="Label of the token.")
@click.option("--label", default="", help="Label of key and certificate on it.")
@click.option("--origin", "origins", multiple=True, required=True, help="Whose pages are answered; repeatable.")
@click.option("--port", default=server.PORT, show_default=True, help="Port on 127.0.0.1; NCALayer must not run on it.")
@click.option("--plain", is_flag=True, help="ws instead of wss: for tests only.")
@click.option("--no-signing-time", is_flag=True, help="Leave the time out of the signature, as PAdES wants it.")
@click.option("--language", type=click.Choice(["kk", "ru", "en"]), default="kk", show_default=True)
@click.option(
    "--directory", type=click.Path(path_type=Path), default=Path.home() / ".config" / "docflow-signer",
    help="Where the certificate of the socket is kept.",
)  # fmt: skip
def signer(
    path: Path | None,
    module: str | None,
    token: str,
    label: str,
    origins: tuple[str, ...],
    port: int,
    plain: bool,
    no_signing_time: bool,
    language: str,
    directory: Path,
) -> None:
    """Sign on this machine, in the place of NCALayer, what pages of the given origins ask for."""
    translation = gettext.translation("messages", TRANSLATIONS, [language], fallback=True)

    def speak(message: Message) -> str:
        with translated_by(translation.gettext, language=language):
            return str(message)

    signing = server.Signing(
        origins=frozenset(_origin(each) for each in origins),
        consent=_terminal(_opener(path, module, token, label), speak),
        now=lambda: datetime.now(UTC),
        tells_time=not no_signing_time,
    )
    secured = None if plain else tls.context(directory, now=datetime.now(UTC))
    _run(signing, port, secured, directory, speak)


def _opener(path: Path | None, module: str | None, token: str, label: str) -> OpenKey:
    if (path is None) == (module is None):
        raise click.UsageError("give either --key FILE or --module LIBRARY with --token and --label")
    if module is not None:
        place = pkcs11.Place(module, token, label)
        return lambda pin: pkcs11.open_key(place, pin=pin)

    @contextmanager
    def opened(password: str) -> Iterator[Key]:
        assert path is not None
        try:
            key = keys.read_file(path, password)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ProviderError(_l("The file holds no key with which one can sign here.")) from error
        yield key

    return opened


def _run(
    signing: server.Signing,
    port: int,
    secured: ssl.SSLContext | None,
    directory: Path,
    speak: Callable[[Message], str],
) -> None:
    def ready(port: int) -> None:
        address = f"{'wss' if secured else 'ws'}://{server.ADDRESS}:{port}"
        click.echo(speak(_l("Ready at %(address)s, for pages of: %(origins)s", address=address,
                            origins=", ".join(sorted(signing.origins)))))  # fmt: skip
        if secured:
            click.echo(speak(_l(
                "The first time, open %(address)s in the browser and trust the certificate. SHA-256: %(fingerprint)s",
                address=f"https://{server.ADDRESS}:{port}/", fingerprint=tls.fingerprint(directory),
            )))  # fmt: skip

    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(server.serve(signing, port=port, secured=secured, ready=ready))
    except OSError as error:
        raise click.ClickException(
            speak(_l("Port %(port)s is taken: does NCALayer run? (%(reason)s)", port=port, reason=error.strerror))
        ) from error


def _terminal(open_key: OpenKey, speak: Callable[[Message], str]) -> Consent:
    """Show what is to be signed, and ask for the password once; an empty one cancels."""

    @contextmanager
    def consent(sheets: Sequence[Sheet], origin: str) -> Iterator[Key]:
        click.echo("")
        click.echo(speak(_l("%(origin)s asks you to sign, documents: %(count)s", origin=origin, count=len(sheets))))
        for number, sheet in enumerate(sheets, 1):
            _show(number, sheet, speak)
        for _ in range(ATTEMPTS):
            password = _password(speak)
            try:
                with open_key(password) as key:
                    yield key
            except WrongPin:
                click.echo(speak(_l("The password is wrong.")))
            except CannotSign as problem:
                click.echo(speak(problem.message))
                raise
            except ProviderError as problem:  # the token is not there, or not what was said
                click.echo(speak(problem.message))
                raise CannotSign("GENERAL_ERROR", problem.message) from problem
            else:
                click.echo(speak(_l("Signed, documents: %(count)s", count=len(sheets))))
                return
        raise CannotSign("CANCELLED", CANCELLED)

    return consent


def _show(number: int, sheet: Sheet, speak: Callable[[Message], str]) -> None:
    title = sheet.title or speak(_l("(no title in the document)"))
    click.echo(f"{number:4}. {title}")
    if sheet.told:
        click.echo("      " + speak(_l("The page calls it: %(title)s", title=sheet.told)))
    click.echo(f"      SHA-256 {sheet.sha256} · {sheet.size} B")


def _password(speak: Callable[[Message], str]) -> str:
    prompt = speak(_l("Password of the key (empty: do not sign)"))
    try:
        password: str = click.prompt(prompt, hide_input=True, default="", show_default=False)
    except click.Abort as error:
        raise CannotSign("CANCELLED", CANCELLED) from error
    if not password:
        click.echo(speak(CANCELLED))
        raise CannotSign("CANCELLED", CANCELLED)
    return password
