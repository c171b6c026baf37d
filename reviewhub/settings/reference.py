"""docs/settings.md, made of the settings themselves: `python -m reviewhub.settings.reference`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from reviewhub.settings.env import Setting, env

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
HEAD = """# Settings

Made by `python -m reviewhub.settings.reference`; a test keeps it true. Every variable is read once,
at start, and everything that is wrong is told at once. Where a setting is a secret, the variable
with `_FILE` at its end may name a file that holds it.

| variable | value | default | what it does |
|---|---|---|---|
"""


def as_markdown(settings: Iterable[Setting], *, root: str) -> str:
    """The document; paths below `root` are shown relative to it."""
    rows = (
        f"| `{each.name}` | {_kind(each)} | {_default(each, root)} | {each.help} |"
        for each in sorted(settings, key=lambda each: each.name)
    )
    return HEAD + "\n".join(rows) + "\n"


def document() -> str:
    """What docs/settings.md has to say, given an environment without variables of ours."""
    os.environ.setdefault("REVIEWHUB_SECRET_KEY", "-" * 32)
    os.environ.setdefault("REVIEWHUB_DRAW_KEY", "-" * 32)
    import_module("reviewhub.settings.base")
    return as_markdown(env.settings.values(), root=str(DOCUMENT.parents[1]))


def _kind(setting: Setting) -> str:
    return f"{setting.kind}, secret" if setting.secret else setting.kind


def _default(setting: Setting, root: str) -> str:
    if setting.default is None:
        return "**required**"
    return f"`{setting.default.replace(root + '/', '')}`" if setting.default else ""


if __name__ == "__main__":
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(document(), encoding="utf-8")
