"""The one reader of environment variables: typed, and every problem told at once, at start.

Each variable is declared where it is read, with its help; `reference` makes docs/settings.md of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

PREFIX = "REVIEWHUB_"
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}
_SIZE = re.compile(r"(\d+) ?([kmg]?)(?:i?b)?", re.IGNORECASE)
_WORDS = {"1": True, "true": True, "yes": True, "on": True} | {
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


@dataclass(frozen=True)
class Setting:
    """One variable as it is documented; `default` is what people read, None means required."""

    name: str
    kind: str
    help: str
    default: str | None
    secret: bool


class Env:
    """Reads `environ`; a method per type. What is wrong is collected, `check()` raises it.

    A secret may also come from the file that `<NAME>_FILE` names. A wrong value reads as the
    default, or as the type's empty value, until `check()`.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.settings: dict[str, Setting] = {}
        self.problems: list[str] = []
        self._environ = dict(environ)

    def assume(self, **values: str) -> None:
        """What holds in this environment unless the variable, or its file, is set."""
        for name, value in values.items():
            plain = name.removesuffix("_FILE")
            if not {plain, f"{plain}_FILE"} & self._environ.keys():
                self._environ[name] = value

    def text(self, name: str, help: str, default: str | None = "", *, secret: bool = False) -> str:
        """Text; a default of None makes it required."""
        described = self._declare(name, "text", help, default, secret=secret)
        return self._read(described, lambda raw: raw, "")

    def secret(self, name: str, help: str, *, shortest: int = 32, required: bool = True) -> str:
        """Text of at least `shortest` characters that is never shown, from NAME or NAME_FILE."""

        def parse(raw: str) -> str:
            if len(raw) < shortest:
                raise ValueError(f"needs at least {shortest} characters")
            return raw

        described = self._declare(name, "text", help, None if required else "", secret=True)
        return self._read(described, parse, "")

    def choice(self, name: str, help: str, default: str, *, among: tuple[str, ...]) -> str:
        """One of a few words."""

        def parse(raw: str) -> str:
            if raw not in among:
                raise ValueError(f"is not one of {', '.join(among)}")
            return raw

        return self._read(self._declare(name, ", ".join(among), help, default), parse, default)

    def flag(self, name: str, help: str, default: bool) -> bool:
        """1/0, true/false, yes/no, on/off."""

        def parse(raw: str) -> bool:
            if raw.lower() not in _WORDS:
                raise ValueError("is not true or false")
            return _WORDS[raw.lower()]

        described = self._declare(name, "true, false", help, str(default).lower())
        return self._read(described, parse, default)

    def number(self, name: str, help: str, default: int, *, least: int = 0) -> int:
        """A whole number, `least` or more."""
        described = self._declare(name, "whole number", help, str(default))
        return self._read(described, lambda raw: int(_at_least(int(raw), least)), default)

    def real(self, name: str, help: str, default: float, *, least: float = 0.0) -> float:
        """A number, `least` or more."""
        described = self._declare(name, "number", help, f"{default:g}")
        return self._read(described, lambda raw: _at_least(float(raw), least), default)

    def size(self, name: str, help: str, default: str) -> int:
        """Bytes, written as 500000, 512 KiB, 20M."""

        def parse(raw: str) -> int:
            match = _SIZE.fullmatch(raw)
            if not match:
                raise ValueError("is not a size such as 20 MiB")
            return int(match[1]) * _UNITS[match[2].lower()]

        return self._read(self._declare(name, "bytes", help, default), parse, parse(default))

    def words(self, name: str, help: str, default: str = "", *, secret: bool = False) -> list[str]:
        """Texts between commas."""

        def parse(raw: str) -> list[str]:
            return [part.strip() for part in raw.split(",") if part.strip()]

        described = self._declare(name, "list, by commas", help, default, secret=secret)
        return self._read(described, parse, [])

    def url(
        self,
        name: str,
        help: str,
        default: str,
        *,
        schemes: tuple[str, ...],
        secret: bool = False,
    ) -> str:
        """An address with one of the schemes; empty where the default is empty."""

        def parse(raw: str) -> str:
            if urlsplit(raw).scheme not in schemes:
                raise ValueError(f"is not an address with {', '.join(schemes)}")
            return raw

        described = self._declare(name, "address", help, default, secret=secret)
        return self._read(described, parse, default)

    def origin(self, name: str, help: str, default: str) -> str:
        """Scheme, host and port of a web address, and nothing after them."""

        def parse(raw: str) -> str:
            parts, bare = urlsplit(raw), raw.removesuffix("/")
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError("is not an address with http, https")
            if bare != f"{parts.scheme}://{parts.netloc}" or "@" in bare:
                raise ValueError("has more than scheme, host and port")
            return bare

        return self._read(self._declare(name, "address", help, default), parse, default)

    def path(self, name: str, help: str, default: str) -> Path:
        """A path, absolute from here on."""

        def parse(raw: str) -> Path:
            return Path(raw).expanduser().resolve()

        return self._read(self._declare(name, "path", help, default), parse, parse(default))

    def check(self) -> None:
        """Raise ImproperlyConfigured with everything that is wrong, unknown variables included."""
        known = {name for setting in self.settings for name in (setting, f"{setting}_FILE")}
        strangers = {name for name in self._environ if name.startswith(PREFIX)} - known - _NOT_OURS
        told = [*self.problems, *(f"{name} is not a setting" for name in sorted(strangers))]
        if told:
            raise ImproperlyConfigured(
                "The environment is not usable:\n" + "\n".join(f"  {line}" for line in told)
            )

    def _declare(
        self, name: str, kind: str, help: str, default: str | None, *, secret: bool = False
    ) -> Setting:
        setting = Setting(PREFIX + name, kind, help, default, secret)
        self.settings[setting.name] = setting
        return setting

    def _read(self, setting: Setting, parse: Callable[[str], T], otherwise: T) -> T:
        try:
            raw = self._raw(setting.name, file_too=setting.secret)
            if raw is None:
                raw = setting.default
            if raw is None:
                raise ValueError("is required" + " (or its _FILE)" * setting.secret)
            return parse(raw) if raw or setting.default is None else otherwise
        except (ValueError, OSError) as wrong:
            shown = "" if setting.secret else f" {self._environ.get(setting.name, '')!r}"
            self.problems.append(f"{setting.name}{shown}: {wrong}")
            return otherwise

    def _raw(self, name: str, *, file_too: bool) -> str | None:
        file = self._environ.get(f"{name}_FILE")
        if file_too and file and name not in self._environ:
            return Path(file).read_text(encoding="utf-8").strip()
        value = self._environ.get(name)
        return value.strip() if value is not None else None


def _at_least(value: float, least: float) -> float:
    if value < least:
        raise ValueError(f"is less than {least}")
    return value


# Of the test run, the process supervisor and one command; they configure nothing here.
_NOT_OURS = {
    "REVIEWHUB_REQUIRE_ALL",
    "REVIEWHUB_STARTED_BY",
    "REVIEWHUB_TEST_DATABASE_URL",
    "REVIEWHUB_USER_PASSWORD",
}

env = Env(os.environ)
