"""Which key does what on the pages of review: shipped layouts, and a person's own changes.

A key is what `static/js/keys.js` calls it: one character, `enter`, `delete`, `f1`, `arrowleft`,
with `ctrl+`, `shift+` or `alt+` before it; an action may have several, with commas between.
Digits choose labels and reasons, and belong to no other action.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    Action("full_screen", "Full screen", "f", "shift+q", "See"),
    Action("next_page", "Next page", ".", "d", "See"),
    Action("previous_page", "Previous page", ",", "shift+s", "See"),
    Action("box_new", "New box", "b", "b", "Boxes"),
    Action("box_next", "Next box", "j", "f", "Boxes"),
    Action("box_previous", "Previous box", "k", "shift+f", "Boxes"),
    Action("box_delete", "Delete the box", "delete", "x", "Boxes"),
    Action("box_duplicate", "Duplicate the box", "ctrl+d", "ctrl+d", "Boxes"),
    Action("box_hide", "Hide or show the boxes", "h", "shift+x", "Boxes"),
    Action("box_accept", "Accept the box", "m", "shift+b", "Boxes"),
    Action("box_accept_rest", "Accept all that are left", "shift+m", "shift+t", "Boxes"),
    Action("save", "Save these boxes", "ctrl+enter", "ctrl+s", "Boxes"),
    Action("redo", "Redo", "ctrl+y", "ctrl+y", "Boxes", fixed="ctrl+shift+z"),
)


def resolved(document: Mapping[str, object]) -> dict[str, str]:
    """The keys of every action for a person whose stored keymap is `document`.

    `{"layout": "left", "keys": {"confirm": "k"}}`; what is missing is as shipped.
    """
    layout = document.get("layout")
    own = document.get("keys")
    chosen = own if isinstance(own, Mapping) else {}
    return {
        action.name: _with_fixed(action, str(chosen.get(action.name) or _shipped(action, layout)))
        for action in ACTIONS
    }


def _shipped(action: Action, layout: object) -> str:
    return action.left if layout == "left" else action.right


def _with_fixed(action: Action, keys: str) -> str:
    return f"{keys},{action.fixed}" if action.fixed else keys
