"""Templates hold no script and no style of their own (the CSP refuses both), and are well made."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
INLINE = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "an address elsewhere": re.compile(r"<(?:script|link|img)[^>]*(?:src|href)=\"(?:https?:)?//"),
    # a help text is ours and may hold markup, as Django's own do
    "unescaped output": re.compile(r"(?<!field\.help_text)\|\s*safe\b|\bautoescape\s+off"),
}
# Data for a script, such as an import map, is no script that runs; it still needs the page's nonce.
DATA = re.compile(r"<script[^>]*type=\"(?:application/json|importmap)\"[^>]*>")


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("what", INLINE)
def test_no_template_holds(what: str) -> None:
    for path in templates():
        text = DATA.sub("", path.read_text(encoding="utf-8"))
        found = INLINE[what].search(text)
        assert not found, f"{path} holds {what}: {found.group()[:80] if found else ''}"


def test_the_patterns_find_what_they_should() -> None:
    bad = (
        '<script>1</script><style>a{}</style><p style="a" onclick="b">{{ x|safe }}'
        '<a href="javascript:1"><img src="//cdn.example/x.png">'
    )
    assert all(pattern.search(bad) for pattern in INLINE.values())


def test_djlint_finds_nothing(repository: Path) -> None:
    command = [Path(sys.executable).with_name("djlint"), "templates", "--lint", "--quiet"]
    told = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
