"""The page on which a person chooses keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext, gettext_noop

from annotations.domain import keymap
from annotations.errors import KeymapInvalid
from annotations.models import User
from reviewhub.common.errors import JsonDict
from reviewhub.common.templatetags.keys import keycap

WHY = {
    "unknown": gettext_noop("%(key)s is not the name of a key."),
    "many": gettext_noop("At most three keys."),
    "digit": gettext_noop("%(key)s: digits choose labels and reasons."),
    "reserved": gettext_noop("%(key)s belongs to the browser or to every page."),
    "chord": gettext_noop("%(key)s begins the keys of the stations, such as G R."),
    "label": gettext_noop("%(key)s chooses the label %(with)s."),
    "action": gettext_noop("%(key)s is the key of “%(with)s”."),
}
GROUPS = {
    "Judge": gettext_noop("Judge"),
    "Say": gettext_noop("Say"),
    "See": gettext_noop("See"),
    "Boxes": gettext_noop("Boxes"),
}
LAYOUTS = {
    "right": gettext_noop("Right: the first letters of the English words, all over the keyboard"),
    "left": gettext_noop("Left: everything under the left hand, the right one stays at the mouse"),
}


@dataclass(frozen=True)
class KeyRow:
    """One action; `value` is what stands in its field, `keys` what acts now."""

    name: str
    word: str
    value: str
    standard: str
    keys: str
    fixed: str
    own: bool
    note: str
    errors: Sequence[str]


@dataclass(frozen=True)
class KeyGroup:
    word: str
    rows: Sequence[KeyRow]


@dataclass(frozen=True)
class LayoutChoice:
    value: str
    word: str
    chosen: bool


@dataclass(frozen=True)
class KeysPage:
    groups: Sequence[KeyGroup]
    layouts: Sequence[LayoutChoice]
    changed: bool
    wrong: int
    title: str
    lede: str


def keys_page(
    *,
    user: User,
    hotkeys: Mapping[str, str],
    refused: KeymapInvalid | None = None,
    typed: Mapping[str, str] | None = None,
) -> KeysPage:
    """`typed` are the fields as they were sent, kept beside what was `refused` of them."""
    document = user.keymap
    errors = refused.data["errors"] if refused else []
    faults = errors if isinstance(errors, list) else []
    told = _told(faults)
    rows = [_row(action, document, hotkeys, told, typed or {}) for action in keymap.ACTIONS]
    groups = groupby(zip(keymap.ACTIONS, rows, strict=True), key=lambda pair: pair[0].group)
    return KeysPage(
        groups=[
            KeyGroup(gettext(GROUPS[group]), [row for _, row in pairs]) for group, pairs in groups
        ],
        layouts=[
            LayoutChoice(value, gettext(word), keymap.layout_of(document) == value)
            for value, word in LAYOUTS.items()
        ],
        changed=bool(keymap.own_keys(document)),
        wrong=len(faults),
        title=gettext("Keys"),
        lede=gettext("What each key does while you review. Digits choose labels and reasons."),
    )


def _row(
    action: keymap.Action,
    document: Mapping[str, object],
    hotkeys: Mapping[str, str],
    told: Mapping[str, Sequence[str]],
    typed: Mapping[str, str],
) -> KeyRow:
    own, standard = keymap.own_keys(document), keymap.shipped(action, document)
    now = own.get(action.name) or standard
    return KeyRow(
        name=action.name,
        word=gettext(action.word),
        value=typed.get(action.name, now),
        standard=standard,
        keys=now,
        fixed=action.fixed,
        own=action.name in own,
        note=_given_way(now, hotkeys),
        errors=told.get(action.name, ()),
    )


def _given_way(keys: str, hotkeys: Mapping[str, str]) -> str:
    """Which label has a key of the action, and so wins where both are on the page."""
    taken = next((key for key in keymap.split(keys) if key in hotkeys), None)
    return gettext(WHY["label"]) % {"key": keycap(taken), "with": hotkeys[taken]} if taken else ""


def _told(faults: Sequence[JsonDict]) -> Mapping[str, list[str]]:
    words = {action.name: gettext(action.word) for action in keymap.ACTIONS}
    told: dict[str, list[str]] = {}
    for fault in faults:
        rival = str(fault["with"])
        said = {"key": keycap(fault["key"]), "with": words.get(rival, rival)}
        told.setdefault(str(fault["field"]), []).append(gettext(WHY[fault["message"]]) % said)
    return told
