"""The guide for reviewers, docs/reviewer.md, as a page in the person's language.

It is written in the little Markdown that GitHub shows as well: headings, paragraphs, lists, tables,
pictures; `**strong**`, `code` for keys, links. A block is what stands between blank lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from reviewhub.common.errors import NotFound

DOCS = settings.REVIEWHUB_OPENAPI.parent
ENGLISH = DOCS / "reviewer.md"
_INLINE = re.compile(r"\*\*(?P<strong>.+?)\*\*|`(?P<key>.+?)`|\[(?P<link>.+?)\]\((?P<url>.+?)\)")
_PICTURE = re.compile(r"!\[(?P<alt>.*)\]\((?P<path>.+)\)")


@dataclass(frozen=True)
class Word:
    """A piece of a line; kind is "" for plain text, strong, key or link."""

    text: str
    kind: str = ""
    url: str = ""


Line = tuple[Word, ...]


@dataclass(frozen=True)
class Block:
    """kind is h1, h2, p, ul, table or picture; the rows of a table are lines of cells."""

    kind: str
    lines: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    picture: str = ""
    alt: str = ""


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    path = _in_language(get_language() or "")
    return render(request, "reviewhub/guide.html", {"blocks": blocks(path)})


@require_safe
def picture(request: HttpRequest, language: str, name: str) -> HttpResponse:
    """One of the guide's pictures; the address, which the guide names too, can say nothing else."""
    path = DOCS / "pictures" / "reviewer" / language / f"{name}.webp"
    if not path.is_file():
        raise NotFound
    headers = {"Cache-Control": "public, max-age=3600"}
    return HttpResponse(path.read_bytes(), content_type="image/webp", headers=headers)


def _in_language(language: str) -> Path:
    translated = DOCS / f"reviewer.{language}.md"
    return translated if language in dict(settings.LANGUAGES) and translated.is_file() else ENGLISH


@cache
def blocks(path: Path) -> tuple[Block, ...]:
    parts = re.split(r"\n{2,}", path.read_text(encoding="utf-8").strip())
    return tuple(_block(part.split("\n")) for part in parts)


def _block(lines: list[str]) -> Block:
    first = lines[0]
    if found := _PICTURE.fullmatch(first):
        return Block("picture", picture=found["path"], alt=found["alt"])
    if first.startswith("#"):
        mark, _, text = first.partition(" ")
        return Block(f"h{len(mark)}", (_line(text),))
    if first.startswith("|"):
        rows = (line.strip("| ").split(" | ") for line in (lines[0], *lines[2:]))
        return Block("table", rows=tuple(tuple(map(_line, cells)) for cells in rows))
    if first.startswith("- "):
        items = re.split(r"\n- ", "\n".join(lines)[2:])
        return Block("ul", tuple(_line(" ".join(item.split())) for item in items))
    return Block("p", (_line(" ".join(lines)),))


def _line(text: str) -> Line:
    return tuple(_words(text))


def _words(text: str) -> Iterator[Word]:
    at = 0
    for found in _INLINE.finditer(text):
        if found.start() > at:
            yield Word(text[at : found.start()])
        kind = found.lastgroup or ""
        if kind == "url":
            yield Word(found["link"], "link", found["url"])
        else:
            yield Word(found[kind], kind)
        at = found.end()
    if at < len(text):
        yield Word(text[at:])
