"""A person's keys as pages print them: `page.keys.confirm` is "a,enter"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from annotations.domain.keymap import resolved
from annotations.models import User

_SPOKEN = {"ctrl": "Control", "+": "Plus", " ": "Space"}


class Key(str):
    """The keys of one action, with commas between them; as text it is what `data-key` wants."""

    __slots__ = ()

    @property
    def first(self) -> str:
        """The one that a keycap shows."""
        return self.split(",")[0]

    @property
    def spoken(self) -> str:
        """All of them as `aria-keyshortcuts` wants them: “A Enter”, “Control+Z”."""
        return " ".join(map(_spoken, self.split(",")))


@dataclass(frozen=True, eq=False)
class Keys:
    """Of every action; the same object for the same keys, so that `{% kept %}` knows it again."""

    of: Mapping[str, Key]

    def __getitem__(self, action: str) -> Key:
        return self.of[action]


def keys_of(user: User) -> Keys:
    return _keys(json.dumps(user.keymap, sort_keys=True) if user.keymap else "{}")


@lru_cache(maxsize=1000)
def _keys(document: str) -> Keys:
    return Keys({action: Key(keys) for action, keys in resolved(json.loads(document)).items()})


def _spoken(key: str) -> str:
    parts = key.split("+") if len(key) > 1 else [key]
    return "+".join(_SPOKEN.get(part, part.capitalize()) for part in parts)
