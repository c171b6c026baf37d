"""Keys as people read them, and as assistive technology does.

{% load keys %}
{{ page.keys.save|keycap }}      the first of several: Ctrl+Enter
{{ page.keys.confirm|key_list }} all of them: A, Enter
{{ page.keys.confirm|aria_keys }} for aria-keyshortcuts: A Enter
"""

from __future__ import annotations

import re

from django import template
from django.utils.translation import gettext, gettext_noop

register = template.Library()

PARTS = re.compile(r"(ctrl\+)?(alt\+)?(shift\+)?(.+)")
WORDS = {
    "ctrl": gettext_noop("Ctrl"),
    "alt": gettext_noop("Alt"),
    "shift": gettext_noop("Shift"),
    "space": gettext_noop("Space"),
    "enter": gettext_noop("Enter"),
    "escape": gettext_noop("Esc"),
    "tab": gettext_noop("Tab"),
    "backspace": gettext_noop("Backspace"),
    "delete": gettext_noop("Del"),
    "insert": gettext_noop("Ins"),
    "home": gettext_noop("Home"),
    "end": gettext_noop("End"),
    "pageup": gettext_noop("Page up"),
    "pagedown": gettext_noop("Page down"),
    "comma": ",",
    "arrowleft": "←",
    "arrowright": "→",
    "arrowup": "↑",
    "arrowdown": "↓",
}
ARIA = {
    "ctrl": "Control",
    "alt": "Alt",
    "shift": "Shift",
    "space": "Space",
    "comma": ",",
    "+": "Plus",
    "arrowleft": "ArrowLeft",
    "arrowright": "ArrowRight",
    "arrowup": "ArrowUp",
    "arrowdown": "ArrowDown",
    "pageup": "PageUp",
    "pagedown": "PageDown",
}


@register.filter
def keycap(keys: object) -> str:
    """The first of the keys, as it is printed on a button."""
    return _read(_split(keys)[0]) if _split(keys) else ""


@register.filter
def key_list(keys: object) -> list[str]:
    """Each of the keys as people read it."""
    return [_read(key) for key in _split(keys)]


@register.filter
def aria_keys(keys: object) -> str:
    return " ".join("+".join(_aria(part) for part in _parts(key)) for key in _split(keys))


@register.simple_tag
def key_words() -> dict[str, str]:
    """What the keys that print nothing are called in the language of the page."""
    return {name: gettext(word) for name, word in WORDS.items()}


def _split(keys: object) -> list[str]:
    return [key for key in str(keys).split(",") if key]


def _parts(key: str) -> list[str]:
    parts = PARTS.fullmatch(key)
    return [part.removesuffix("+") or "+" for part in parts.groups() if part] if parts else [key]


def _read(key: str) -> str:
    return "+".join(gettext(WORDS[part]) if part in WORDS else part.upper() for part in _parts(key))


def _aria(part: str) -> str:
    return ARIA.get(part) or part.capitalize()
