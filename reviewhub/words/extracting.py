"""Texts that the sources mark for translation, as gettext names them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from django.utils.translation.template import templatize

from reviewhub.words import sources

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "say": None,  # how domain/words.py calls the translator that its caller hands in
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# Beside the detail, an error may tell what was kept and what to do.
TOLD = ("kept", "advice")


def template_of_all() -> Catalog:
    """Every text of every source, once, with the files it stands in."""
    catalog = Catalog(charset="utf-8")
    for path in sources.templates():
        # Indentation means nothing in a template, and would in the Python that this becomes.
        plain = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        _add(catalog, path, "\n".join(line.strip() for line in plain.splitlines()))
    errors = {kind.__name__ for kind in sources.error_classes()}
    for path in sources.modules():
        text = path.read_text(encoding="utf-8")
        _add(catalog, path, text)
        if _named(path).startswith(sources.RAISING):
            for detail in details(ast.parse(text), errors):
                catalog.add(detail, locations=[(_named(path), 0)])
    for text in sources.spoken():
        catalog.add(text)
    return catalog


def details(tree: ast.AST, errors: set[str]) -> Iterator[str]:
    """What errors say beside their titles: marked by being said."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _name(node.func) not in errors:
            continue
        said = [*node.args[:1], *(word.value for word in node.keywords if word.arg in TOLD)]
        for part in said:
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value:
                yield part.value


def _add(catalog: Catalog, path: Path, python: str) -> None:
    for _, message, _, context in extract("python", BytesIO(python.encode()), KEYWORDS):
        catalog.add(message, context=context, locations=[(_named(path), 0)])


def _named(path: Path) -> str:
    return path.relative_to(sources.ROOT).as_posix()


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
