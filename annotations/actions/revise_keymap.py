from __future__ import annotations

from collections.abc import Mapping

from annotations.domain.keymap import LAYOUTS, check, own_keys, shipped_keys, tidy
from annotations.errors import KeymapInvalid
from annotations.models import User
from reviewhub.common.errors import InvalidInput


def revise_keymap(
    *,
    user: User,
    layout: str,
    keys: Mapping[str, str],
    label_hotkeys: Mapping[str, str] | None = None,
) -> User:
    """Store which keys one person uses; their own affair, so no audit row is written.

    Only what differs from the shipped layout is kept, so that better keys of a later version
    reach everybody who changed nothing. `label_hotkeys` are those of the labels that the person
    meets, with their names. Raises KeymapInvalid naming every fault, and stores nothing then.
    """
    if layout not in LAYOUTS:
        raise InvalidInput(errors=[{"field": "layout", "message": f"one of {LAYOUTS}"}])
    standard = shipped_keys({"layout": layout})
    tidied = {name: tidy(told) for name, told in keys.items() if name in standard}
    own = {name: told for name, told in tidied.items() if told and told != standard[name]}
    document = {"layout": layout, "keys": own}
    # A shipped key that a label has is told on the page and gives way; it is nobody's mistake.
    faults = [
        fault
        for fault in check(document, label_hotkeys=label_hotkeys)
        if fault.why != "label" or fault.action in own_keys(document)
    ]
    if faults:
        raise KeymapInvalid(
            errors=[
                {"field": fault.action, "message": fault.why, "key": fault.key, "with": fault.with_}
                for fault in faults
            ]
        )
    user.keymap = document if own or layout != LAYOUTS[0] else {}
    user.save(update_fields=["keymap"])
    return user
