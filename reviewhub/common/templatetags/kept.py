"""Parts of a page that look the same for the same values are rendered once by each process.

    {% load kept %}
    {% kept entry.labels entry.predicted.key %} … {% live %} … {% endlive %} … {% endkept %}

Danger: whatever the part shows must be among the values, or one person is shown what was made for
another. Frozen dataclasses and tuples of them make good values: they are all that can be shown.
What stands between `live` and `endlive`, also in an included template, is rendered each time; there
only names count that are known around the kept part, not what a `with` or a loop inside it named.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from contextvars import ContextVar
from itertools import zip_longest
from secrets import token_hex

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

MOST = 2_000
"""Renderings that one part keeps; when it has more, it begins anew."""

MARK = token_hex(16)
"""Where a live part stands in what is kept: nobody can have written that."""

_INDENTATION = re.compile(r"\n\s+")
"""Of the source; it is left out of what is sent again and again."""

register = template.Library()
_living: ContextVar[list[LiveNode] | None] = ContextVar("living", default=None)
"""The live parts met while something is rendered to be kept."""


class LiveNode(template.Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        met = _living.get()
        if met is None:
            return self.nodelist.render(context)
        met.append(self)
        return SafeString(MARK)


class KeptNode(template.Node):
    def __init__(self, values: Sequence[FilterExpression], nodelist: NodeList) -> None:
        self.values = values
        self.nodelist = nodelist
        self._kept: dict[Hashable, tuple[list[str], list[LiveNode]]] = {}

    def render(self, context: Context) -> SafeString:
        key = (get_language(), *(value.resolve(context) for value in self.values))
        kept = self._kept.get(key)
        if kept is None:
            kept = self._render_for_good(context)
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = kept
        texts, living = kept
        if not living:
            return SafeString(texts[0])
        return SafeString("".join(_alternating(texts, _alive(living, context))))

    def _render_for_good(self, context: Context) -> tuple[list[str], list[LiveNode]]:
        living: list[LiveNode] = []
        before = _living.set(living)
        try:
            text = self.nodelist.render(context)
        finally:
            _living.reset(before)
        return _INDENTATION.sub("\n", text).split(MARK), living


def _alive(living: Sequence[LiveNode], context: Context) -> list[str]:
    """Live parts as they are now; one that stands in all forms of an item is rendered once."""
    if _living.get() is not None:
        # Inside of another kept part, which keeps the place of each.
        return [part.render(context) for part in living]
    now = {part: part.render(context) for part in dict.fromkeys(living)}
    return [now[part] for part in living]


def _alternating(texts: Sequence[str], between: Sequence[str]) -> list[str]:
    return [part for pair in zip_longest(texts, between, fillvalue="") for part in pair]


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """Render what stands inside once for each set of values."""
    names = token.split_contents()[1:]
    if not names:
        raise template.TemplateSyntaxError("kept needs all values that its content shows")
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode([parser.compile_filter(name) for name in names], nodelist)


@register.tag
def live(parser: Parser, token: Token) -> LiveNode:
    """Inside of what is kept: render this each time."""
    nodelist = parser.parse(("endlive",))
    parser.delete_first_token()
    return LiveNode(nodelist)
