"""Settings: where they come from, and what they refuse."""

from __future__ import annotations

import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from docflow.config import Settings, SettingsError, flask_config, refuse_demo

ROOT = Path(__file__).parents[1]
SECRETS = {"DOCFLOW_SECRET_KEY": "k3Jx9-" * 8 + "abcdefg", "DOCFLOW_PASSWORD_SALT": "p7Qz2_" * 8 + "hijklmn"}
PRODUCTION = {
    "DOCFLOW_MODE": "production",
    "DOCFLOW_PUBLIC_URL": "https://docs.university.kz",
    "DOCFLOW_SIGNATURE_PROVIDERS": "",
    **SECRETS,
}


def problems(environment: dict[str, str], directory: Path) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        Settings.load(environment, directory=directory)
    return refused.value.problems


def test_without_any_setting_it_is_a_demo_in_one_directory(tmp_path: Path) -> None:
    settings = Settings.load({}, directory=tmp_path)
    assert settings.is_demo
    assert settings.database_url == f"sqlite:///{tmp_path}/var/docflow.sqlite3"
    assert settings.store_url == f"{tmp_path}/var/objects"
    assert settings.trust_dir == tmp_path / "var" / "trust"


def test_a_variable_goes_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    (tmp_path / "docflow.toml").write_text('port = 9000\nhost = "0.0.0.0"\nlanguages = ["kk", "ru"]\n')
    settings = Settings.load({"DOCFLOW_PORT": "9001", "HOME": "/root"}, directory=tmp_path)
    assert (settings.port, settings.host, settings.languages) == (9001, "0.0.0.0", ("kk", "ru"))
    assert settings.upload_max_mb == 25


def test_the_file_may_be_elsewhere_and_its_paths_count_from_there(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "our.toml").write_text('data_dir = "../data"\n')
    settings = Settings.load({"DOCFLOW_CONFIG": "etc/our.toml"}, directory=tmp_path)
    assert settings.data_dir.resolve() == tmp_path / "data"


def test_the_secrets_of_a_demo_are_made_up_once_and_private(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = {settings.secret_key for settings in pool.map(lambda _: Settings.load({}, directory=tmp_path), range(8))}
    assert len(keys) == 1
    kept = tmp_path / "var" / "demo-secrets.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    shown = repr(
        Settings.of({"secret_key": "s3cret", "database_url": "postgresql://u:pa55@h/d", "mail_password": "pw0"})
    )
    assert "s3cret" not in shown
    assert "pa55" not in shown
    assert "pw0" not in shown


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("DOCFLOW_PROT", "1", "prot (in DOCFLOW_PROT): there is no such setting. Did you mean port?"),
        ("DOCFLOW_PORT", "many", "port (in DOCFLOW_PORT): a whole number is expected."),
        ("DOCFLOW_PORT", "0", "port: 0 is not between 1 and 65535."),
        ("DOCFLOW_MODE", "test", "mode: 'test' is none of demo, production."),
        ("DOCFLOW_LANGUAGES", "kk,de", "languages: choose of kk, ru, en."),
        ("DOCFLOW_LANGUAGES", "ru", "default_language: 'kk' is none of ru."),
        ("DOCFLOW_DATABASE_URL", "mysql://x/y", "database_url: give sqlite:///FILE or postgresql://"),
        ("DOCFLOW_DATABASE_URL", "nonsense", "database_url: give sqlite:///FILE or postgresql://"),
        ("DOCFLOW_DATABASE_URL", "sqlite://", "database_url: SQLite in memory"),
        ("DOCFLOW_STORE_URL", "s3://bucket", "store_url: give a directory"),
        ("DOCFLOW_PUBLIC_URL", "docs.kz", "public_url: give a whole address"),
        ("DOCFLOW_LOG_LEVEL", "loud", "log_level: 'loud' is none of"),
        ("DOCFLOW_CONFIG", "absent.toml", "DOCFLOW_CONFIG: there is no file"),
    ],
)
def test_nonsense_is_refused_by_name(tmp_path: Path, variable: str, value: str, problem: str) -> None:
    assert any(found.startswith(problem) for found in problems({variable: value}, tmp_path))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "docflow.toml").write_text("port = = 1")
    assert "docflow.toml cannot be read" in problems({}, tmp_path)[0]


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    assert len(problems({"DOCFLOW_PORT": "0", "DOCFLOW_UPLOAD_MAX_MB": "0", "DOCFLOW_LOG_LEVEL": "x"}, tmp_path)) == 3


def test_a_sound_production_starts(tmp_path: Path) -> None:
    settings = Settings.load(PRODUCTION, directory=tmp_path)
    assert not settings.is_demo
    assert flask_config(settings)["SESSION_COOKIE_SECURE"]
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"DOCFLOW_SECRET_KEY": ""}, "secret_key: production needs a secret"),
        ({"DOCFLOW_SECRET_KEY": "a" * 64}, "secret_key: production needs a secret"),
        ({"DOCFLOW_PASSWORD_SALT": "short"}, "password_salt: production needs a secret"),
        ({"DOCFLOW_PASSWORD_SALT": SECRETS["DOCFLOW_SECRET_KEY"]}, "password_salt: take another secret"),
        ({"DOCFLOW_SIGNATURE_PROVIDERS": "demo"}, "signature_providers: demo keys"),
        ({"DOCFLOW_PUBLIC_URL": "http://docs.university.kz"}, "public_url: production needs an https address"),
        ({"DOCFLOW_PUBLIC_URL": "https://localhost"}, "public_url: production needs an https address"),
    ],
)
def test_production_refuses_what_only_a_demo_may(tmp_path: Path, change: dict[str, str], problem: str) -> None:
    assert any(found.startswith(problem) for found in problems(PRODUCTION | change, tmp_path))


def test_production_refuses_what_a_demo_left_behind(tmp_path: Path) -> None:
    demo = Settings.load({}, directory=tmp_path)
    demo.trust_dir.mkdir(parents=True)
    (demo.trust_dir / "demo-root.pem").touch()
    demo.demo_authority_dir.mkdir(parents=True)
    found = problems(PRODUCTION | {"DOCFLOW_SECRET_KEY": demo.secret_key}, tmp_path)
    assert [problem.split(":")[0] for problem in found] == ["secret_key, password_salt", "trust_dir", "key_dir"]


def test_demo_accounts_are_refused_in_production(tmp_path: Path) -> None:
    refuse_demo(Settings.load({}, directory=tmp_path), "demo accounts")
    with pytest.raises(SettingsError, match="demo accounts exist in mode demo only"):
        refuse_demo(Settings.load(PRODUCTION, directory=tmp_path), "demo accounts")


def test_postgresql_gets_the_driver_that_we_ship(tmp_path: Path) -> None:
    settings = Settings.load({"DOCFLOW_DATABASE_URL": "postgresql://u:p@h/d"}, directory=tmp_path)
    assert settings.database_url == "postgresql+psycopg://u:p@h/d"
    assert flask_config(settings)["SQLALCHEMY_ENGINE_OPTIONS"]["pool_pre_ping"]


def test_the_example_shows_every_setting_with_its_default_and_its_meaning() -> None:
    text = (ROOT / "docflow.example.toml").read_text(encoding="utf-8")
    example: dict[str, Any] = tomllib.loads(text)
    words = " ".join(text.replace("#", " ").split())
    assert list(example) == [declared.name for declared in fields(Settings)]
    for declared in fields(Settings):
        shown = example[declared.name]
        default = declared.default
        assert shown == (
            list(default) if isinstance(default, tuple) else str(default) if isinstance(default, Path) else default
        ) or (default == Path() and shown == "")
        assert declared.metadata["meaning"] in words
        assert declared.metadata["without"] in words
