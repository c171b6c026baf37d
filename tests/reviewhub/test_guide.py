"""The guide for reviewers: one in each language, with the same parts, and pictures to all of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from reviewhub import guide

GUIDES = {"en": "reviewer.md", "de": "reviewer.de.md", "es": "reviewer.es.md"}


@pytest.mark.parametrize("language", GUIDES)
def test_every_language_says_the_same_parts_with_its_own_pictures(language: str) -> None:
    theirs, ours = (guide.blocks(guide.DOCS / GUIDES[name]) for name in (language, "en"))
    assert [block.kind for block in theirs] == [block.kind for block in ours]
    assert [len(block.rows) for block in theirs] == [len(block.rows) for block in ours]
    for block in theirs:
        if block.kind == "picture":
            assert f"/{language}/" in block.picture
            assert (guide.DOCS / block.picture).is_file(), block.picture
            assert block.alt


def test_every_picture_is_shown_and_small() -> None:
    shown = "".join((guide.DOCS / name).read_text(encoding="utf-8") for name in GUIDES.values())
    for path in sorted((guide.DOCS / "pictures" / "reviewer").rglob("*.webp")):
        assert path.relative_to(guide.DOCS).as_posix() in shown
        assert path.stat().st_size < 80_000, path


def test_the_page_speaks_the_persons_language_and_its_pictures_are_served(client: Client) -> None:
    page = client.get("/guide", headers={"Accept-Language": "de"}).content.decode()
    assert re.search(r"<h1>\s*Leitfaden für die Prüfung", page)
    assert "<kbd>Eingabe</kbd>" in page
    for address in re.findall(r'<img src="([^"]+)"', page):
        answer = client.get(f"/{address}")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/webp"
    assert client.get("/pictures/reviewer/de/nothing.webp").status_code == 404
    assert re.search(r"<h1>\s*Guide for reviewers", client.get("/guide").content.decode())


def test_a_line_holds_strong_words_keys_and_links(tmp_path: Path) -> None:
    path = tmp_path / "guide.md"
    path.write_text("Press `A`, **now**, or [ask](https://example.com/).\n\n- one\n  line\n- two\n")
    text, points = guide.blocks(path)
    assert [(word.kind, word.text) for word in text.lines[0]] == [
        ("", "Press "),
        ("key", "A"),
        ("", ", "),
        ("strong", "now"),
        ("", ", or "),
        ("link", "ask"),
        ("", "."),
    ]
    assert points.kind == "ul"
    assert [line[0].text for line in points.lines] == ["one line", "two"]
