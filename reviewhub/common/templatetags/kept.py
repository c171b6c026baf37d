"""Parts of a page that look the same for the same values are rendered once by each process.

    {% load kept %}
    {% kept entry.labels entry.predicted.key %} … {% endkept %}

Danger: whatever the part shows must be among the values, or one person is shown what was made for
another. Frozen dataclasses and tuples of them make good values: they are all that can be shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

MOST = 2_000
"""Renderings that one part keeps; when it has more, it begins anew."""

register = template.Library()


class KeptNode(template.Node):
    def __init__(self, values: Sequence[FilterExpression], nodelist: NodeList) -> None:
        self.values = values
        self.nodelist = nodelist
        self._kept: dict[Hashable, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        key = (get_language(), *(value.resolve(context) for value in self.values))
        text = self._kept.get(key)
        if text is None:
            text = self.nodelist.render(context)
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = text
        return text


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """Render what stands inside once for each set of values."""
    names = token.split_contents()[1:]
    if not names:
        raise template.TemplateSyntaxError("kept needs all values that its content shows")
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode([parser.compile_filter(name) for name in names], nodelist)
