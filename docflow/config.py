"""Every setting: what it is and what breaks without it; from the defaults, one TOML file and the environment."""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "DOCFLOW_"
FILE = "docflow.toml"
# Not settings: the place of the file, and what the scripts and tests tell each other.
OTHER_VARIABLES = ("DOCFLOW_CONFIG", "DOCFLOW_TEST_")
MODES = ("demo", "production")
LANGUAGES = ("kk", "ru", "en")
SIGNATURE_LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")
LEVELS_WHEN_SIGNING = SIGNATURE_LEVELS[:2]
LEVELS = ("debug", "info", "warning", "error")
SECRET_LENGTH = 32
PROVIDER_SETTING = re.compile(r"([\w-]+)\.([\w-]+)=(.*)", re.DOTALL)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(Exception):
    """The settings are nonsense; ``problems`` names each with its setting and says how to mend it.

    In English only: it is read by whoever installs, before there is anything that could translate.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["The settings cannot be used:", *(f"- {problem}" for problem in problems)]))
        self.problems = problems


def _setting(default: Any, meaning: str, without: str = "", *, secret: bool = False) -> Any:
    """Declare a setting; *without* says what breaks when it is missing or wrong."""
    return field(default=default, metadata={"meaning": meaning, "without": without}, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """One installation. Lists are written ``a,b`` in a variable; a relative path counts from the TOML file."""

    mode: str = _setting(
        "demo",
        "demo or production.",
        "demo accepts keys and accounts whose secrets everybody knows: nothing signed in it is worth anything.",
    )
    data_dir: Path = _setting(
        Path("var"),
        "Directory for everything that is not configured elsewhere: database, objects, keys, mail.",
        "Must be on a local disk and in the backup; what is lost here is lost.",
    )
    database_url: str = _setting(
        "",
        "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; empty: SQLite in data_dir.",
        "Several machines need PostgreSQL; its LC_CTYPE must not be C, or Kazakh capitals are not found.",
        secret=True,  # it may hold a password
    )
    store_url: str = _setting(
        "",
        "Directory of the object store, or file:///DIRECTORY; empty: objects in data_dir.",
        "Signed documents live here and nowhere else.",
    )
    secret_key: str = _setting(
        "",
        "Signs sessions and forms, keys the index of IINs. At least 32 random characters; the same on every node.",
        "Who knows it can log in as anybody. A new one logs everybody out and makes stored IINs unfindable.",
        secret=True,
    )
    password_salt: str = _setting(
        "",
        "Keys the tokens that Flask-Security sends. At least 32 random characters; the same on every node.",
        "Who knows it can forge those tokens.",
        secret=True,
    )
    public_url: str = _setting(
        "http://127.0.0.1:8000",
        "The address that the outside world uses; printed into every QR code.",
        "A wrong one makes the QR codes of everything issued meanwhile lead nowhere, for ever.",
    )
    host: str = _setting("127.0.0.1", "Address to listen on.", "0.0.0.0 opens the port to the network.")
    port: int = _setting(8000, "Port to listen on.")
    proxies: int = _setting(
        0,
        "How many reverse proxies stand in front and set X-Forwarded-For.",
        "Too few: all visitors share one address and its rate limit. Too many: a visitor can invent his address.",
    )
    default_language: str = _setting("kk", "Language of pages and mail until a reader chooses.")
    languages: tuple[str, ...] = _setting(LANGUAGES, "Languages that are offered; of kk, ru, en.")
    signature_providers: tuple[str, ...] = _setting(
        ("demo",),
        "Ways to sign that are enabled, by name; installed is not enabled. demo only in mode demo.",
        "Without any, nothing can be signed.",
    )
    provider_settings: tuple[str, ...] = _setting(
        (),
        "Settings of signature providers that other packages bring, each written provider.name=value.",
        "What they are is told by the package.",
        secret=True,  # what a package asks for may be a password
    )
    ncalayer_address: str = _setting(
        "wss://127.0.0.1:13579",
        "Where NCALayer, or docflow signer, listens on the signer's own machine (provider ncalayer).",
        "Only 127.0.0.1 and localhost: another address would give papers to a stranger.",
    )
    ncalayer_form: str = _setting(
        "pkcs7",
        "What a signature of NCALayer is declared as: pkcs7 (adbe.pkcs7.detached) or cades (ETSI.CAdES.detached).",
        "cades refuses signatures that carry signing-time, and NCALayer's do; docflow signer can leave it out.",
    )
    seal_capacities: tuple[str, ...] = _setting(
        (),
        "Capacities in which the organisation signs as a legal person, with its seal (providers pkcs12, pkcs11).",
        "Empty: the seal signs nothing; people sign with their own keys.",
    )
    seal_key: Path = _setting(
        Path(),
        "Key file (PKCS 12) of the seal (provider pkcs12); empty: seal.p12 in key_dir.",
        "It must belong to the service's user, mode 0600; else it is not used.",
    )
    seal_password: str = _setting(
        "", "Password of that file, or PIN of the token. From the environment: DOCFLOW_SEAL_PASSWORD.", secret=True
    )
    seal_module: str = _setting("", "PKCS 11 library of the HSM (provider pkcs11), for example libsofthsm2.so.")
    seal_token: str = _setting("", "Label of the token in it.")
    seal_label: str = _setting("", "Label of key and certificate on the token.")
    csc_url: str = _setting(
        "", "Remote signing service: its address up to /csc/v2 (provider csc).", "https only: it gets hashes and PINs."
    )
    csc_client: str = _setting("", "Name of this installation at that service (OAuth 2.0 client).")
    csc_secret: str = _setting("", "Its secret there.", secret=True)
    signature_level: str = _setting(
        "B-T",
        "Level of a signature when it is made (PAdES baseline): B-T, with a time stamp, or B-B, without.",
        "Without a time stamp nothing proves when it was signed once its certificate has expired.",
    )
    archive_level: str = _setting(
        "B-LTA",
        "Level to which a document is raised when all have signed it: B-LTA, B-LT, B-T or B-B (never).",
        "Below B-LTA a signature can no longer be checked when its certificates and their authority are gone.",
    )
    renew_archive_days: int = _setting(
        90,
        "How many days before the certificate of an archive time stamp (B-LTA) ends another one is put over it.",
        "Whoever misses that end cannot make up for it: keep months, not days.",
    )
    timestamp_url: str = _setting(
        "",
        "Time-stamping authority (RFC 3161), for example http://tsp.pki.gov.kz; in demo, its own when it has a port.",
        "Empty: signatures stay at B-B.",
    )
    timestamp_policy: str = _setting(
        "",
        "Policy to ask of it: 1.2.398.3.3.2.6.2 (RSA, SHA-256) or 1.2.398.3.3.2.6.4 (GOST, Streebog) of the national "
        "centre, for example; empty: its own choice.",
    )
    ocsp_url: str = _setting(
        "",
        "OCSP responder to ask about people's certificates, as http://ocsp.pki.gov.kz; empty: as they name it.",
    )
    without_services: str = _setting(
        "later",
        "When time stamps or OCSP do not answer: later (sign, say so, raise the level when they do) or refuse to sign.",
    )
    national_test_numbers: str = _setting(
        "refused",
        "The numbers in the national centre's published test certificates (IIN 123456789011 and 123456789012, BIN "
        "123456789021), which fail the checksum: refused or accepted. Mode demo only.",
    )
    trust_services_port: int = _setting(
        0, "Port on 127.0.0.1 where the demo authority tells the time and who is revoked; 0: nowhere. Mode demo only."
    )
    trust_dir: Path = _setting(
        Path(),
        "Directory of trusted root certificates (*.pem); empty: trust in data_dir.",
        "A signature whose root is not here is not recognised.",
    )
    key_dir: Path = _setting(
        Path(),
        "Directory of keys that this server may use itself (demo authority); empty: keys in data_dir.",
        "Readable by the service's user only.",
    )
    upload_max_mb: int = _setting(25, "Largest upload, in megabytes.", "Too large: a few uploads fill the memory.")
    session_hours: int = _setting(10, "A login ends after so many hours.", "Too long: a forgotten browser stays open.")
    verify_per_minute: int = _setting(
        60, "Questions to the public verification page a minute and address.", "Too high: codes can be tried out."
    )
    verify_files_per_minute: int = _setting(
        10, "Files that an address may have verified a minute.", "Too high: anybody can keep the server busy."
    )
    verify_online: bool = _setting(
        False,
        "Ask the responders that trusted certificates name about revocation when a file is verified.",
        "Yes: every file that anybody uploads makes the server ask elsewhere.",
    )
    login_attempts: int = _setting(
        10, "Attempts to log in, an address in five minutes.", "Too high: passwords can be tried out."
    )
    legend: str = _setting(
        "",
        "Sentence printed under the signature block of every paper; empty: the paper's own wording.",
        "Some organisations must print one of their own.",
    )
    log_level: str = _setting("info", "debug, info, warning or error.", "debug may write personal data to the log.")
    worker_threads: int = _setting(2, "Jobs that one worker runs at once.", "Each takes up to 100 MB.")
    mail_host: str = _setting(
        "", "SMTP server; empty: mail is written to files in data_dir/outbox.", "Nobody is told of anything."
    )
    mail_port: int = _setting(587, "Its port.")
    mail_security: str = _setting("starttls", "starttls, tls or none.", "none sends passwords in the clear.")
    mail_user: str = _setting("", "Account at the SMTP server, if it asks for one.")
    mail_password: str = _setting("", "Its password.", secret=True)
    mail_from: str = _setting("docflow@localhost", "Sender of all mail.", "Many servers refuse a foreign sender.")

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, *, directory: Path | None = None) -> Settings:
        """Read the TOML file named by DOCFLOW_CONFIG, or docflow.toml in *directory*, then DOCFLOW_* variables.

        Raises ``SettingsError`` with every problem at once. In mode demo missing secrets are made up once and kept in
        ``data_dir``.
        """
        given = os.environ if environment is None else environment
        directory = directory or Path.cwd()
        problems: list[str] = []
        values = _from_file(given, directory, problems) | _from_variables(given, directory, problems)
        if problems:
            raise SettingsError(problems)
        return cls.of(values, directory=directory)

    @classmethod
    def of(cls, values: Mapping[str, Any], *, directory: Path | None = None) -> Settings:
        """Make settings of typed *values*: derive what is empty, check everything."""
        settings = _derived({**_defaults(), **values}, directory or Path.cwd())
        problems = _problems(settings)
        if problems:
            raise SettingsError(problems)
        return settings

    @property
    def is_demo(self) -> bool:
        return self.mode == "demo"

    @property
    def demo_authority_dir(self) -> Path:
        """Where the demo authority keeps its keys; never used in production."""
        return self.key_dir / "demo-authority"

    @property
    def trust_services_address(self) -> str:
        """Where the demo's own trust services answer; empty: nowhere."""
        return f"http://127.0.0.1:{self.trust_services_port}" if self.is_demo and self.trust_services_port else ""

    def of_provider(self, name: str) -> dict[str, str]:
        """What ``provider_settings`` says for one provider."""
        matches = (PROVIDER_SETTING.fullmatch(each) for each in self.provider_settings)
        return {found[2]: found[3] for found in matches if found and found[1] == name}

    @property
    def outbox_dir(self) -> Path:
        return self.data_dir / "outbox"


def refuse_demo(settings: Settings, what: str) -> None:
    """Stop where demo accounts, keys or data are about to be made or used in production."""
    if not settings.is_demo:
        raise SettingsError([f"mode: {what} exist in mode demo only, and this is {settings.mode}."])


def flask_config(settings: Settings) -> dict[str, Any]:
    """Say the same in the names of Flask, Flask-Security and Flask-SQLAlchemy."""
    secure = settings.public_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "SECURITY_PASSWORD_SALT": settings.password_salt,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(make_url(settings.database_url)),
        "MAX_CONTENT_LENGTH": settings.upload_max_mb * 1024 * 1024,
        # Long forms of many fields are text; files are counted by MAX_CONTENT_LENGTH alone.
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "MAX_FORM_PARTS": 20_000,
        "PERMANENT_SESSION_LIFETIME": settings.session_hours * 3600,
        "SESSION_COOKIE_NAME": "docflow",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": secure,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "PREFERRED_URL_SCHEME": "https" if secure else "http",
        "BABEL_DEFAULT_LOCALE": settings.default_language,
        # Flask-Security encrypts the keys of the second factor with this.
        "SECURITY_TOTP_SECRETS": {"1": settings.secret_key},
        "SECURITY_EMAIL_SENDER": settings.mail_from,
    }


def _engine_options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {}
    # The job engine keeps some connections of its own open: one that listens, one for each queue.
    return {"pool_size": 10, "max_overflow": 20, "pool_pre_ping": True}


def _defaults() -> dict[str, Any]:
    return {declared.name: declared.default for declared in fields(Settings)}


def _from_file(environment: Mapping[str, str], directory: Path, problems: list[str]) -> dict[str, Any]:
    named = environment.get("DOCFLOW_CONFIG", "")
    path = directory / (named or FILE)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if named:
            problems.append(f"DOCFLOW_CONFIG: there is no file {path}. Give the path of a TOML file, or unset it.")
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path} cannot be read: {error}. Compare it with docflow.example.toml.")
        return {}
    values = {name: _typed(name, value, path.parent, str(path), problems) for name, value in data.items()}
    return {name: value for name, value in values.items() if value is not None}


def _from_variables(environment: Mapping[str, str], directory: Path, problems: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and not variable.startswith(OTHER_VARIABLES):
            name = variable.removeprefix(PREFIX).lower()
            values[name] = _typed(name, environment[variable], directory, variable, problems)
    return {name: value for name, value in values.items() if value is not None}


def _typed(name: str, value: Any, directory: Path, source: str, problems: list[str]) -> Any:
    """Give *value* the type of the setting's default, or note a problem and give ``None``."""
    defaults = _defaults()
    if name not in defaults:
        near = get_close_matches(name, defaults, n=1)
        hint = f"Did you mean {near[0]}?" if near else "See docflow.example.toml for those there are."
        problems.append(f"{name} (in {source}): there is no such setting. {hint}")
        return None
    default = defaults[name]
    if isinstance(default, int) and isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        value = int(value)
    if isinstance(default, tuple) and isinstance(value, str):
        value = [item.strip() for item in value.split(",") if item.strip()]
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(default, Path) and isinstance(value, str):
        return directory / Path(value).expanduser() if value else default
    if type(value) is type(default):
        return value
    wanted = {int: "a whole number", str: "text", tuple: "a list of names"}.get(type(default), "a path")
    problems.append(f"{name} (in {source}): {wanted} is expected.")
    return None


def _derived(values: dict[str, Any], directory: Path) -> Settings:
    """Fill in what follows from other settings, and normalise addresses."""
    data_dir = (directory / values["data_dir"]).absolute()
    values["data_dir"] = data_dir
    for name, place in (("trust_dir", "trust"), ("key_dir", "keys")):
        values[name] = (directory / values[name]).absolute() if values[name] != Path() else data_dir / place
    own = values["key_dir"] / "seal.p12"
    values["seal_key"] = (directory / values["seal_key"]).absolute() if values["seal_key"] != Path() else own
    values["database_url"] = _with_driver(values["database_url"] or f"sqlite:///{data_dir / 'docflow.sqlite3'}")
    store = values["store_url"] or str(data_dir / "objects")
    values["store_url"] = store if "://" in store else str((directory / store).absolute())
    values["public_url"] = values["public_url"].rstrip("/")
    if values["mode"] == "demo" and values["trust_services_port"] and not values["timestamp_url"]:
        values["timestamp_url"] = f"http://127.0.0.1:{values['trust_services_port']}/tsa"
    if values["mode"] == "demo" and not (values["secret_key"] and values["password_salt"]):
        kept = _kept_secrets(data_dir / "demo-secrets.json")
        values["secret_key"] = values["secret_key"] or kept["secret_key"]
        values["password_salt"] = values["password_salt"] or kept["password_salt"]
    return Settings(**values)


def _with_driver(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _kept_secrets(path: Path) -> dict[str, str]:
    """Give the secrets of this demo; web and worker start together, and the first to link its file wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({name: secrets.token_urlsafe(48) for name in ("secret_key", "password_salt")}, file)
        try:
            os.link(draft, path)
        except FileExistsError:
            logging.getLogger(__name__).debug("another process made up the secrets of the demo")
        finally:
            draft.unlink()
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def _problems(settings: Settings) -> list[str]:
    found = [*_wrong_choices(settings), *_wrong_numbers(settings), *_wrong_addresses(settings)]
    return found if settings.is_demo else [*found, *_unfit_for_production(settings)]


def _wrong_choices(settings: Settings) -> list[str]:
    choices = {
        "mode": (settings.mode, MODES),
        "default_language": (settings.default_language, settings.languages),
        "log_level": (settings.log_level, LEVELS),
        "mail_security": (settings.mail_security, ("starttls", "tls", "none")),
        "ncalayer_form": (settings.ncalayer_form, ("pkcs7", "cades")),
        "signature_level": (settings.signature_level, LEVELS_WHEN_SIGNING),
        "archive_level": (settings.archive_level, SIGNATURE_LEVELS),
        "without_services": (settings.without_services, ("later", "refuse")),
        "national_test_numbers": (settings.national_test_numbers, ("refused", "accepted")),
    }
    found = [
        f"{name}: {value!r} is none of {', '.join(allowed)}."
        for name, (value, allowed) in choices.items()
        if value not in allowed
    ]
    unknown = [language for language in settings.languages if language not in LANGUAGES]
    if unknown or not settings.languages:
        found.append(f"languages: choose of {', '.join(LANGUAGES)}.")
    return found


def _wrong_numbers(settings: Settings) -> list[str]:
    limits = {
        "port": (1, 65535),
        "trust_services_port": (0, 65535),
        "mail_port": (1, 65535),
        "proxies": (0, 10),
        "upload_max_mb": (1, 1024),
        "session_hours": (1, 24 * 30),
        "verify_per_minute": (1, 100_000),
        "verify_files_per_minute": (1, 100_000),
        "login_attempts": (1, 1000),
        "worker_threads": (1, 64),
    }
    return [
        f"{name}: {getattr(settings, name)} is not between {least} and {most}."
        for name, (least, most) in limits.items()
        if not least <= getattr(settings, name) <= most
    ]


def _wrong_addresses(settings: Settings) -> list[str]:
    found: list[str] = []
    try:
        backend = make_url(settings.database_url).get_backend_name()
    except ArgumentError:
        backend = ""
    if backend not in ("sqlite", "postgresql"):
        found.append("database_url: give sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.")
    if backend == "sqlite" and make_url(settings.database_url).database in (None, "", ":memory:"):
        found.append("database_url: SQLite in memory is shared with no worker. Give the path of a file.")
    if "://" in settings.store_url and not settings.store_url.startswith("file:///"):
        found.append("store_url: give a directory, or file:///DIRECTORY.")
    public = urlsplit(settings.public_url)
    if public.scheme not in ("http", "https") or not public.hostname or public.query or public.fragment:
        found.append("public_url: give a whole address like https://docs.example.kz, without ? and #.")
    found += _wrong_ways_to_sign(settings)
    if settings.mail_host and "@" not in settings.mail_from:
        found.append("mail_from: give a mail address like docflow@example.kz.")
    return found


def _wrong_ways_to_sign(settings: Settings) -> list[str]:
    found: list[str] = []
    machine = urlsplit(settings.ncalayer_address)
    if machine.scheme not in ("wss", "ws") or machine.hostname not in LOOPBACK or machine.path.strip("/"):
        found.append("ncalayer_address: give an address of the signer's own machine, like wss://127.0.0.1:13579.")
    remote = urlsplit(settings.csc_url)
    if settings.csc_url and remote.scheme != "https" and remote.hostname not in LOOPBACK:
        found.append("csc_url: give an https address; PINs travel to it.")
    for name in ("timestamp_url", "ocsp_url"):
        asked = urlsplit(getattr(settings, name))
        if asked.geturl() and (asked.scheme not in ("http", "https") or not asked.hostname):
            found.append(f"{name}: give an address like http://tsp.pki.gov.kz.")
    if settings.timestamp_policy and not re.fullmatch(r"[0-2](\.\d+)+", settings.timestamp_policy):
        found.append("timestamp_policy: give an object identifier like 1.2.398.3.3.2.6.2.")
    if any(not PROVIDER_SETTING.fullmatch(each) for each in settings.provider_settings):
        found.append("provider_settings: each is written provider.name=value.")
    return found


def _unfit_for_production(settings: Settings) -> list[str]:
    found = [
        f"{name}: production needs a secret of {SECRET_LENGTH} random characters or more; make one with "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'."
        for name in ("secret_key", "password_salt")
        if len(getattr(settings, name)) < SECRET_LENGTH or len(set(getattr(settings, name))) < SECRET_LENGTH // 4
    ]
    if settings.secret_key and settings.secret_key == settings.password_salt:
        found.append("password_salt: take another secret than secret_key.")
    if settings.secret_key in _demo_secrets(settings) or settings.password_salt in _demo_secrets(settings):
        found.append("secret_key, password_salt: these were made up for the demo; make new ones.")
    if "demo" in settings.signature_providers:
        found.append("signature_providers: demo keys are worth nothing in production; take demo out.")
    if settings.national_test_numbers == "accepted":
        found.append(
            "national_test_numbers: the national test numbers belong to nobody; production takes refused alone."
        )
    if list(settings.trust_dir.rglob("demo-root.pem")):
        found.append(f"trust_dir: {settings.trust_dir} holds the demo authority's root; take demo-root.pem out.")
    if settings.demo_authority_dir.exists():
        found.append(f"key_dir: {settings.demo_authority_dir} holds the demo authority's keys; remove it.")
    public = urlsplit(settings.public_url)
    if public.scheme != "https" or public.hostname in LOOPBACK:
        found.append("public_url: production needs an https address that others can reach; it is in every QR code.")
    if settings.mail_host and settings.mail_user and settings.mail_security == "none":
        found.append("mail_security: the mail password would travel in the clear; take starttls or tls.")
    return found


def _demo_secrets(settings: Settings) -> tuple[str, ...]:
    path = settings.data_dir / "demo-secrets.json"
    return tuple(_kept_secrets(path).values()) if path.exists() else ()
