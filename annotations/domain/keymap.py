"""Which key does what on the pages of review: shipped layouts, and a person's own changes.

A key is what `static/js/key_names.js` calls it: one character, `comma`, `space`, `enter`,
`delete`, `f1`, `arrowleft`, with `ctrl+`, `alt+` or `shift+` before it, in this order; an action
may have several, with commas between. Shift is named with letters and words only: elsewhere it is
part of the character. Digits choose labels and reasons, and belong to no other action.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

LAYOUTS: Final = ("right", "left")


@dataclass(frozen=True)
class Action:
    """Something a key does; `fixed` keys of it act whatever a person has chosen."""

    name: str
    word: str
    right: str
    left: str
    group: str
    fixed: str = ""


ACTIONS: Final = (
    Action("confirm", "Confirm", "a", "a", "Judge", fixed="enter"),
    Action("unusable", "Unusable", "x", "r", "Judge"),
    Action("skip", "Skip", "s", "s", "Judge"),
    Action("undo", "Undo", "u", "z", "Judge", fixed="ctrl+z"),
    Action("take_back", "Take back the last answer", "backspace", "shift+z", "Judge"),
    Action("nothing", "Nothing there", "n", "v", "Judge"),
    Action("comment", "Comment", "c", "c", "Say"),
    Action("lead", "Send to the lead", "l", "t", "Say"),
    Action("guideline", "Guideline", "y", "e", "Say"),
    Action("zoom_in", "Zoom in", "+,=", "w", "See"),
    Action("zoom_out", "Zoom out", "-", "shift+w", "See"),
    Action("fit", "Fit", "z", "q", "See"),
    Action("rotate", "Turn the view", "r", "shift+r", "See"),
    Action("brighter", "Brighter", "]", "shift+e", "See"),
    Action("darker", "Darker", "[", "shift+d", "See"),
    Action("contrast", "More contrast", "}", "shift+c", "See"),
    Action("flatten", "Less contrast", "{", "shift+v", "See"),
    Action("invert", "Invert", "i", "shift+a", "See"),
    Action("plain", "Reset light and turn", "o", "ctrl+e", "See"),
    Action("full_screen", "Full screen", "f", "shift+q", "See"),
    Action("keep_zoom", "Keep zoom", "p", "ctrl+g", "See"),
    Action("next_page", "Next page", ".", "d", "See"),
    Action("previous_page", "Previous page", "comma", "shift+s", "See"),
    Action("box_new", "New box", "b", "b", "Boxes"),
    Action("box_draw", "Draw boxes", "d", "ctrl+b", "Boxes"),
    Action("box_next", "Next box", "j", "f", "Boxes"),
    Action("box_previous", "Previous box", "k", "shift+f", "Boxes"),
    Action("box_delete", "Delete the box", "delete", "x", "Boxes"),
    Action("box_duplicate", "Duplicate the box", "ctrl+d", "ctrl+d", "Boxes"),
    Action("box_hide", "Hide or show the boxes", "h", "shift+x", "Boxes"),
    Action("box_hide_one", "Hide or show the box", "shift+h", "shift+g", "Boxes"),
    Action("box_accept", "Accept the box", "m", "shift+b", "Boxes"),
    Action("box_accept_rest", "Accept all that are left", "shift+m", "shift+t", "Boxes"),
    Action("save", "Save these boxes", "ctrl+enter", "ctrl+s", "Boxes"),
    Action("redo", "Redo", "ctrl+y", "ctrl+y", "Boxes", fixed="ctrl+shift+z"),
)


_WORDS: Final = (
    "comma space enter tab escape backspace delete insert home end pageup pagedown"
    " arrowleft arrowright arrowup arrowdown f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12"
)
WORDS: Final = frozenset(_WORDS.split())
"""Keys that print nothing, or nothing that could stand in a list."""

ALIASES: Final = {
    "esc": "escape",
    "del": "delete",
    "ins": "insert",
    "return": "enter",
    "left": "arrowleft",
    "right": "arrowright",
    "up": "arrowup",
    "down": "arrowdown",
    "spacebar": "space",
    "strg": "ctrl",
    "control": "ctrl",
    "cmd": "ctrl",
    "meta": "ctrl",
    "option": "alt",
    "umschalt": "shift",
}

_RESERVED: Final = (
    "tab shift+tab escape space f1 f5 f11 f12 ? ctrl+w ctrl+t ctrl+n ctrl+r ctrl+q ctrl+l ctrl+p"
    " ctrl+f ctrl+c ctrl+v ctrl+x ctrl+a ctrl+shift+t ctrl+shift+n ctrl+shift+w ctrl+shift+r"
    " ctrl+tab ctrl+shift+tab ctrl+f4 ctrl+f5 alt+f4 shift+f10 ctrl++ ctrl+- ctrl+0"
    " arrowleft arrowright arrowup arrowdown shift+arrowleft shift+arrowright shift+arrowup"
    " shift+arrowdown alt+arrowleft alt+arrowright alt+arrowup alt+arrowdown"
)
RESERVED: Final = frozenset(_RESERVED.split())
"""What the browser, the system, or every page of ours does with a key already."""

CHORD: Final = "g"
"""Begins the keys of the stations: `g r` is Review."""

MOST_KEYS: Final = 3
COMMA_KEY: Final = re.compile(r",\s*,\s*(?=,|$)")
"""The key itself, last in a list or before the next comma."""

PLUS: Final = re.compile(r"(?<=\S)\s*\+\s*(?=\S)")
_PARTS: Final = re.compile(r"(ctrl\+)?(alt\+)?(shift\+)?(.+)")


@dataclass(frozen=True)
class Conflict:
    """A key that an action cannot have; `with_` is the action or label that has it already.

    `why`: "unknown", "many", "digit", "reserved", "chord", "label", or "action".
    """

    action: str
    key: str
    why: str
    with_: str = ""


def resolved(document: Mapping[str, object]) -> dict[str, str]:
    """The keys of every action for a person whose stored keymap is `document`.

    `{"layout": "left", "keys": {"confirm": "k"}}`; what is missing is as shipped.
    """
    chosen = own_keys(document)
    return {
        action.name: _with_fixed(action, chosen.get(action.name) or shipped(action, document))
        for action in ACTIONS
    }


def shipped(action: Action, document: Mapping[str, object]) -> str:
    """The keys that the layout of `document` gives an action."""
    return action.left if layout_of(document) == "left" else action.right


def shipped_keys(document: Mapping[str, object]) -> dict[str, str]:
    return {action.name: shipped(action, document) for action in ACTIONS}


def layout_of(document: Mapping[str, object]) -> str:
    return "left" if document.get("layout") == "left" else "right"


def own_keys(document: Mapping[str, object]) -> dict[str, str]:
    """What a person has changed; an action that is no more is left out."""
    own = document.get("keys")
    chosen = own if isinstance(own, Mapping) else {}
    return {action.name: str(chosen[action.name]) for action in ACTIONS if chosen.get(action.name)}


def tidy(text: str) -> str:
    """Keys as a person types them, as they are named here: `Strg + Enter, ,` is `ctrl+enter,comma`.

    What is no key stays what it was, for `check` to name.
    """
    bare = text.strip().lower()
    if bare in (",", "comma"):
        return "comma"
    each = (_tidy_one(part) for part in COMMA_KEY.sub(",comma", bare).split(","))
    return ",".join(dict.fromkeys(key for key in each if key))


def check(
    document: Mapping[str, object], *, label_hotkeys: Mapping[str, str] | None = None
) -> list[Conflict]:
    """Everything that is wrong with a keymap, in the order of the actions.

    `label_hotkeys` are the keys of labels on the person's pages, with the names of the labels. A
    key of two actions is told at the one a person has changed, else at the later one.
    """
    own = own_keys(document)
    keys = {name: split(told) for name, told in resolved(document).items()}
    found = [fault for action in ACTIONS for fault in _faults_of(action, keys, own)]
    for action in ACTIONS:
        for key in keys[action.name]:
            label = (label_hotkeys or {}).get(key)
            if label and not key.isdigit():
                found.append(Conflict(action.name, key, "label", label))
    order = [action.name for action in ACTIONS]
    return sorted(found, key=lambda conflict: order.index(conflict.action))


def split(keys: str) -> list[str]:
    return [key for key in keys.split(",") if key]


def _faults_of(
    action: Action, keys: Mapping[str, Collection[str]], own: Collection[str]
) -> Iterator[Conflict]:
    mine = keys[action.name]
    if len(mine) > MOST_KEYS + len(split(action.fixed)):
        yield Conflict(action.name, "", "many")
    for key in mine:
        why = _unfit(key)
        if why:
            yield Conflict(action.name, key, why)
        rival = _rival(action.name, key, keys, own)
        if rival:
            yield Conflict(action.name, key, "action", rival)


def _unfit(key: str) -> str:
    """Why no action at all can have this key; empty if one can."""
    parts = _PARTS.fullmatch(key)
    bare = parts[4] if parts else ""
    if not _is_key(bare) or (parts and parts[3] and len(bare) == 1 and not bare.isalpha()):
        return "unknown"
    if key in RESERVED:
        return "reserved"
    if bare.isdigit():
        return "digit"
    return "chord" if key == CHORD else ""


def _is_key(bare: str) -> bool:
    if bare in WORDS:
        return True
    return len(bare) == 1 and bare.isprintable() and not bare.isspace() and bare == bare.lower()


def _rival(
    name: str, key: str, keys: Mapping[str, Collection[str]], own: Collection[str]
) -> str | None:
    """Another action of this key, if this is the one at which to tell it."""
    order = list(keys)
    rivals = [other for other in order if other != name and key in keys[other]]
    for other in rivals:
        mine, theirs = name in own, other in own
        if mine > theirs or (mine == theirs and order.index(name) > order.index(other)):
            return other
    return None


def _tidy_one(part: str) -> str:
    *before, last = PLUS.split(part.strip())
    modifiers = {ALIASES.get(word, word) for word in before}
    last = ALIASES.get(last, last)
    known = [name for name in ("ctrl", "alt", "shift") if name in modifiers]
    if len(known) < len(modifiers):
        return part.strip()
    return "+".join([*known, last])


def _with_fixed(action: Action, keys: str) -> str:
    return f"{keys},{action.fixed}" if action.fixed else keys
