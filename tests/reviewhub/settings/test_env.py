from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from reviewhub.settings.env import Env

GIVEN = {
    "REVIEWHUB_NAME": " a name ",
    "REVIEWHUB_ON": "Yes",
    "REVIEWHUB_COUNT": "7",
    "REVIEWHUB_RATE": "0.5",
    "REVIEWHUB_LIMIT": "20 MiB",
    "REVIEWHUB_HOSTS": "a, b,,c",
    "REVIEWHUB_URL": "https://a.example",
    "REVIEWHUB_DIR": "var",
    "REVIEWHUB_KIND": "s3",
}


def test_reads_each_type() -> None:
    env = Env(GIVEN)
    assert env.text("NAME", "") == "a name"
    assert env.flag("ON", "", False) is True
    assert env.number("COUNT", "", 1) == 7
    assert env.real("RATE", "", 1.0) == 0.5
    assert env.size("LIMIT", "", "1k") == 20 * 2**20
    assert env.words("HOSTS", "") == ["a", "b", "c"]
    assert env.url("URL", "", "", schemes=("https",)) == "https://a.example"
    assert env.path("DIR", "", ".") == Path("var").resolve()
    assert env.choice("KIND", "", "local", among=("local", "s3")) == "s3"
    env.check()


def test_defaults_stand_for_what_is_absent_or_empty() -> None:
    env = Env({"REVIEWHUB_COUNT": "", "REVIEWHUB_DIR": ""})
    assert env.number("COUNT", "", 3) == 3
    assert env.size("LIMIT", "", "500") == 500
    assert env.path("DIR", "", "/srv") == Path("/srv")
    env.check()


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    env = Env({"REVIEWHUB_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert env.secret("SECRET_KEY", "") == "k" * 40
    env.check()


def test_an_assumption_yields_to_the_variable_and_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("f" * 40)
    env = Env({"REVIEWHUB_COUNT": "2", "REVIEWHUB_SECRET_KEY_FILE": str(tmp_path / "key")})
    env.assume(REVIEWHUB_COUNT="9", REVIEWHUB_SECRET_KEY="a" * 40, REVIEWHUB_NAME="assumed")
    assert env.number("COUNT", "", 1) == 2
    assert env.secret("SECRET_KEY", "") == "f" * 40
    assert env.text("NAME", "") == "assumed"


def test_tells_every_problem_at_once_and_no_secret() -> None:
    env = Env(
        {
            "REVIEWHUB_COUNT": "many",
            "REVIEWHUB_LIMIT": "20 apples",
            "REVIEWHUB_ON": "perhaps",
            "REVIEWHUB_URL": "ftp://a",
            "REVIEWHUB_SECRET_KEY": "tooshort",
            "REVIEWHUB_SECERT": "typo",
        }
    )
    assert env.number("COUNT", "", 1) == 1
    env.size("LIMIT", "", "1k")
    env.flag("ON", "", False)
    env.url("URL", "", "", schemes=("https",))
    env.secret("SECRET_KEY", "")
    env.secret("DRAW_KEY", "")
    with pytest.raises(ImproperlyConfigured) as told:
        env.check()
    message = str(told.value)
    for name in ("COUNT 'many'", "LIMIT", "ON", "URL", "SECRET_KEY", "DRAW_KEY", "SECERT"):
        assert f"REVIEWHUB_{name}" in message
    assert "is required" in message
    assert "tooshort" not in message


def test_a_file_that_is_not_there_is_told() -> None:
    env = Env({"REVIEWHUB_SECRET_KEY_FILE": "/no/such/file"})
    env.secret("SECRET_KEY", "")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        env.check()


def start(repository: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Import the production settings in a fresh process that knows only `given`."""
    kept = {"PATH": os.environ["PATH"]}
    code = (
        "import reviewhub.settings.production as s;"
        "print(s.SESSION_COOKIE_NAME, s.SECURE_HSTS_SECONDS, s.STORAGES['models']['BACKEND'],"
        " s.ALLOWED_HOSTS, [code for code, _ in s.LANGUAGES])"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository,
        env=kept | given,
        capture_output=True,
        text=True,
        check=False,
    )


SECRETS = {"REVIEWHUB_SECRET_KEY": "s" * 40, "REVIEWHUB_DRAW_KEY": "d" * 40}


def test_production_starts_with_secrets_alone(repository: Path) -> None:
    ended = start(repository, **SECRETS)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split()[:2] == ["sessionid", "0"]
    assert "127.0.0.1" in ended.stdout
    assert "['en', 'de', 'es']" in ended.stdout


def test_the_made_up_language_is_offered_only_where_a_setting_says_so(repository: Path) -> None:
    ended = start(repository, **SECRETS, REVIEWHUB_PSEUDO_LOCALE="true")
    assert "['en', 'de', 'es', 'ar-xb']" in ended.stdout


def test_an_https_address_makes_everything_secure(repository: Path) -> None:
    ended = start(
        repository,
        **SECRETS,
        REVIEWHUB_SITE_URL="https://hub.example",
        REVIEWHUB_STORAGE="s3",
        REVIEWHUB_S3_BUCKET="hub",
    )
    assert ended.returncode == 0, ended.stderr
    assert "__Host-sessionid 31536000 storages.backends.s3.S3Storage" in ended.stdout
    assert "hub.example" in ended.stdout


@pytest.mark.parametrize(
    "address",
    [
        "https://hub.example/review",
        "hub.example",
        "https://",
        "https://a@hub.example",
        "https://x?y",
    ],
)
def test_an_address_of_the_site_that_forms_could_not_be_checked_against_is_told_at_start(
    repository: Path, address: str
) -> None:
    ended = start(repository, **SECRETS, REVIEWHUB_SITE_URL=address)
    assert ended.returncode != 0
    assert "REVIEWHUB_SITE_URL" in ended.stderr


def test_production_does_not_start_without_secrets(repository: Path) -> None:
    ended = start(repository, REVIEWHUB_STORAGE="s3", REVIEWHUB_COLOUR="blue")
    assert ended.returncode != 0
    for name in ("SECRET_KEY", "DRAW_KEY", "S3_BUCKET", "COLOUR"):
        assert f"REVIEWHUB_{name}" in ended.stderr
