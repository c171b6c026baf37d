"""What a label set must be, before any of it is stored."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from annotations.domain import phrases
from annotations.errors import TaxonomyInvalid

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
HOTKEYS = "123456789qwertyuiopasdfghjklzxcvbnm"
COLOURS = 12
LARGEST = len(HOTKEYS)

Fault = tuple[str, str]


@dataclass(frozen=True)
class LabelSpec:
    """One class as somebody asks for it; costs are in the project's money.

    `colour` is 1 to 12 and `hotkey` one character; left out, both follow from the position.
    `phrases` are words that speak for the label: they are marked in texts where it is predicted.
    """

    key: str
    name: str
    hotkey: str = ""
    colour: int = 0
    guideline: str = ""
    phrases: Sequence[str] = ()
    is_positive: bool = False
    cost_of_miss: float = 1.0
    cost_of_false_alarm: float = 1.0


@dataclass(frozen=True)
class TaxonomySpec:
    """A whole label set; `mapping` sends keys of the version before to keys of this one."""

    labels: Sequence[LabelSpec]
    guidelines: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)


def completed(labels: Sequence[LabelSpec]) -> list[LabelSpec]:
    """The labels with colours and hotkeys filled in; raises TaxonomyInvalid naming every fault."""
    taken = {label.hotkey for label in labels}
    free = (key for key in HOTKEYS if key not in taken)
    full = [
        LabelSpec(
            **{
                **vars(label),
                "hotkey": label.hotkey or next(free, ""),
                "colour": label.colour or position % COLOURS + 1,
            }
        )
        for position, label in enumerate(labels)
    ]
    faults = [*_faults_of_set(full), *_faults_of_each(full)]
    if faults:
        raise TaxonomyInvalid(errors=[{"field": at, "message": told} for at, told in faults])
    return full


def check_mapping(
    mapping: Mapping[str, str], *, before: Iterable[str], after: Iterable[str]
) -> None:
    """Raise TaxonomyInvalid unless every pair leads from a known old key to a known new one."""
    old, new = set(before), set(after)
    faults = [
        {"field": f"mapping.{source}", "message": "no such pair of keys"}
        for source, target in mapping.items()
        if source not in old or target not in new
    ]
    if faults:
        raise TaxonomyInvalid(errors=faults)


def _faults_of_set(labels: Sequence[LabelSpec]) -> Iterator[Fault]:
    if not 2 <= len(labels) <= LARGEST:
        yield "labels", f"give 2 to {LARGEST} labels"
    for name in ("key", "hotkey", "name"):
        for value, times in Counter(getattr(label, name) for label in labels).items():
            if times > 1:
                yield "labels", f"{name} {value!r} is given {times} times"


def _faults_of_each(labels: Sequence[LabelSpec]) -> Iterator[Fault]:
    for position, label in enumerate(labels):
        at = f"labels[{position}]"
        if not KEY.fullmatch(label.key):
            yield f"{at}.key", "lower-case letters, digits, - and _, at most 60"
        if not 1 <= len(label.name.strip()) <= 80:
            yield f"{at}.name", "1 to 80 characters"
        if len(label.hotkey) != 1 or not label.hotkey.isprintable() or label.hotkey.isspace():
            yield f"{at}.hotkey", "one visible character"
        if not 1 <= label.colour <= COLOURS:
            yield f"{at}.colour", f"1 to {COLOURS}"
        if not phrases.are_fit(label.phrases):
            yield (
                f"{at}.phrases",
                f"at most {phrases.MOST}, each of 1 to {phrases.LONGEST} characters",
            )
        yield from _faults_of_costs(at, label)


def _faults_of_costs(at: str, label: LabelSpec) -> Iterator[Fault]:
    for cost in ("cost_of_miss", "cost_of_false_alarm"):
        if not (math.isfinite(getattr(label, cost)) and getattr(label, cost) >= 0):
            yield f"{at}.{cost}", "a number, not negative"


def carry(key: str, mappings: Iterable[Mapping[str, str]], *, known: Collection[str]) -> str | None:
    """What a key of an older label set is called now, or None if it has no successor.

    `mappings` are those of each later version, in order; a key that a version does not mention
    keeps its name. `known` are the keys of the newest version.
    """
    for mapping in mappings:
        key = mapping.get(key, key)
    return key if key in known else None
