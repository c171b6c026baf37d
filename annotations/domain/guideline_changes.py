"""What somebody has to learn anew between two versions of a label set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from annotations.domain.labels import carry


class Worded(Protocol):
    """A label as far as people read it."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def guideline(self) -> str: ...


class What(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    MERGED = "merged"
    REWORDED = "reworded"


@dataclass(frozen=True)
class Change:
    """One thing that is different; `before` and `after` are names of labels, empty where none is.

    `guideline` is the text that holds now, where it is another than before.
    """

    what: What
    before: tuple[str, ...] = ()
    after: str = ""
    guideline: str = ""


def changes_between(
    old: Sequence[Worded], new: Sequence[Worded], mappings: Sequence[Mapping[str, str]]
) -> list[Change]:
    """What became of every label: `mappings` are those of each later version, in order.

    In the order of the new labels, what is gone at the end. A label that kept its key, its name
    and its guideline is no change.
    """
    known = {label.key for label in new}
    came_from: dict[str, list[Worded]] = {label.key: [] for label in new}
    gone = []
    for label in old:
        heir = carry(label.key, mappings, known=known)
        if heir is None:
            gone.append(label.name)
        else:
            came_from[heir].append(label)
    changes = [change for label in new for change in _of(label, came_from[label.key])]
    return [*changes, *(Change(What.REMOVED, before=(name,)) for name in gone)]


def _of(label: Worded, sources: Sequence[Worded]) -> Iterator[Change]:
    names = tuple(source.name for source in sources)
    if not sources:
        yield Change(What.ADDED, after=label.name, guideline=label.guideline)
    elif len(sources) > 1:
        yield Change(What.MERGED, names, label.name, label.guideline)
    elif names[0] != label.name:
        yield Change(What.RENAMED, names, label.name, _new_text(label, sources[0]))
    elif _new_text(label, sources[0]):
        yield Change(What.REWORDED, names, label.name, label.guideline)


def _new_text(label: Worded, before: Worded) -> str:
    return label.guideline if label.guideline.strip() != before.guideline.strip() else ""
