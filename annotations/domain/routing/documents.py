"""What a routing document may say, field by field, and every fault of one that says otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeGuard, get_args

from annotations.domain.routing.parts import ANY_REASON
from annotations.domain.routing.reasons import ReasonName
from annotations.errors import PolicyInvalid

LEAST_AUDIT_RATE: Final = 1e-6
"""Below one in a million nothing would ever be drawn, and no estimate could stand on it."""

MOST_RULES: Final = 100
MOST_VALUES: Final = 100
MOST_A_DAY: Final = 100_000_000
LONGEST: Final = 200
MOST_MINUTES: Final = 525_600
"""A year."""

Fault = tuple[str, str]
Check = Callable[[str, object], Iterator[Fault]]


def check(raw: object) -> Mapping[str, object]:
    """The document, or PolicyInvalid with `errors` that name every fault."""
    faults = list(_whole(raw))
    if faults or not isinstance(raw, Mapping):
        raise PolicyInvalid(errors=[{"field": at, "message": told} for at, told in faults])
    return raw


def _whole(raw: object) -> Iterator[Fault]:
    if not isinstance(raw, Mapping):
        yield "rules", "Expected an object."
        return
    yield from _fields(raw, DOCUMENT, at="", unknown="No rule has this name.")
    fixed, budget = raw.get("audit_rate"), raw.get("audit_budget")
    if fixed is None and budget is None:
        expected = f"Expected a number from {LEAST_AUDIT_RATE} to 1: never 0"
        yield "audit_rate", f"{expected}; or an audit_budget instead."
    if fixed is not None and budget is not None:
        yield "audit_budget", "Give either audit_rate or audit_budget: two odds cannot both hold."
    if budget is not None and _overrides_audit_rate(raw):
        yield "overrides", "audit_rate can be set for some items only without an audit_budget."


def _overrides_audit_rate(raw: Mapping[str, object]) -> bool:
    overrides = raw.get("overrides")
    given = overrides if isinstance(overrides, Sequence) else ()
    sets = (each.get("set") for each in given if isinstance(each, Mapping))
    return any(isinstance(each, Mapping) and "audit_rate" in each for each in sets)


def _fields(
    raw: Mapping[str, object],
    checks: Mapping[str, Check],
    *,
    at: str,
    unknown: str = "This does not belong here.",
) -> Iterator[Fault]:
    for name in raw.keys() - checks.keys():
        yield f"{at}{str(name)[:60]}", unknown
    for name, each in checks.items():
        if name in raw:
            yield from each(f"{at}{name}", raw[name])


def _number(
    low: float, high: float, *, above: bool = False, whole: bool = False, off: bool = True
) -> Check:
    """A number from low (or above it) to high; with `off`, null switches the rule off."""
    kind = "a whole number" if whole else "a number"
    span = f"above {low:g} and up to {high:g}" if above else f"from {low:g} to {high:g}"
    ending = ", or null to switch the rule off." if off else "."

    def each(at: str, value: object) -> Iterator[Fault]:
        if value is None and off:
            return
        fits = _is_number(value) and (low < value if above else low <= value) and value <= high
        if not fits or (whole and not isinstance(value, int)):
            yield at, f"Expected {kind} {span}{ending}"

    return each


def _flag(at: str, value: object) -> Iterator[Fault]:
    if not isinstance(value, bool):
        yield at, "Expected true or false."


def _text(longest: int, *, empty: bool = False) -> Check:
    def each(at: str, value: object) -> Iterator[Fault]:
        if not isinstance(value, str) or len(value) > longest or not (empty or value.strip()):
            yield at, f"Expected a text of {0 if empty else 1} to {longest} characters."

    return each


def _scalar(at: str, value: object) -> Iterator[Fault]:
    if not isinstance(value, str | int | float | bool) or len(str(value)) > LONGEST:
        yield at, "Expected a text, a number, true or false."


def _list(each: Check, *, most: int) -> Check:
    def listed(at: str, value: object) -> Iterator[Fault]:
        if isinstance(value, str) or not isinstance(value, Sequence) or not 1 <= len(value) <= most:
            yield at, f"Expected a list of 1 to {most}."
            return
        for position, member in enumerate(value):
            yield from each(f"{at}[{position}]", member)

    return listed


def _object(
    checks: Mapping[str, Check], *, required: Sequence[str] = (), off: bool = False
) -> Check:
    def each(at: str, value: object) -> Iterator[Fault]:
        if value is None and off:
            return
        if not isinstance(value, Mapping):
            yield at, "Expected an object."
            return
        yield from _fields(value, checks, at=f"{at}.")
        for name in required:
            if value.get(name) is None and name not in value:
                yield f"{at}.{name}", "This is missing."

    return each


def _values(at: str, value: object) -> Iterator[Fault]:
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MOST_VALUES:
        yield at, 'Expected an object of names and their values, such as {"line": ["3"]}.'
        return
    for name, values in value.items():
        yield from _list(_scalar, most=MOST_VALUES)(f"{at}.{str(name)[:60]}", values)


def _when(at: str, value: object) -> Iterator[Fault]:
    labels = _list(_text(60, empty=True), most=MOST_VALUES)
    yield from _object({"labels": labels, "slices": _values, "metadata": _values})(at, value)
    if isinstance(value, Mapping) and not value:
        yield at, "Expected labels, slices or metadata: for everything there are the rules above."


def _set(at: str, value: object) -> Iterator[Fault]:
    yield from _object(OVERRIDABLE)(at, value)
    if isinstance(value, Mapping) and not value:
        yield at, f"Expected at least one of {', '.join(OVERRIDABLE)}."


def _optional_list(each: Check) -> Check:
    def listed(at: str, value: object) -> Iterator[Fault]:
        if value not in ([], ()):
            yield from _list(each, most=MOST_RULES)(at, value)

    return listed


def _rules(at: str, value: object) -> Iterator[Fault]:
    fields = {"name": _text(60), "when": _when, "due_minutes": _number(1, MOST_MINUTES, whole=True)}
    named = _object(fields, required=("name", "when"))
    yield from _optional_list(named)(at, value)
    given = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    names = [str(each.get("name")) for each in given if isinstance(each, Mapping)]
    for name, times in Counter(names).items():
        if times > 1:
            yield at, f"{times} rules are named {name[:60]}."


DUE: Final = (*(name for name in get_args(ReasonName) if name != "audit"), ANY_REASON)
"""The reasons that may have a due time, and the word for all that are not named."""

_RATE = _number(LEAST_AUDIT_RATE, 1, off=False)

OVERRIDABLE: Final[Mapping[str, Check]] = {
    "low_confidence": _number(0, 1, above=True),
    "small_margin": _number(0, 1, above=True),
    "high_entropy": _number(0, 1),
    "disagreement": _flag,
    "divergence": _number(0, 1, above=True),
    "unmatched_boxes": _number(1, 1000, whole=True),
    "dissent": _number(0, 1, above=True),
    "client_flag": _flag,
    "audit_rate": _RATE,
}
"""What may differ by class, slice and metadata."""

DOCUMENT: Final[Mapping[str, Check]] = {
    **OVERRIDABLE,
    "audit_rate": lambda at, value: _RATE(at, value) if value is not None else iter(()),
    "audit_budget": _object(
        {
            "per_day": _number(1, MOST_A_DAY, whole=True, off=False),
            "expected_per_day": _number(1, MOST_A_DAY, whole=True, off=False),
            "floor": _number(0.01, 1, off=False),
            "prior_miss_rate": _number(0.001, 0.999, off=False),
        },
        required=("per_day", "expected_per_day"),
        off=True,
    ),
    "box_iou": _number(0.05, 0.95, off=False),
    "rules": _rules,
    "overrides": _optional_list(_object({"when": _when, "set": _set}, required=("when", "set"))),
    "daily_cap": _number(1, MOST_A_DAY, whole=True),
    "review": _object(
        {
            "seconds": _number(0, 86_400, above=True, off=False),
            "hourly_cost": _number(0, 100_000, off=False),
        }
    ),
    "learning": _object(
        {"budget_per_day": _number(1, MOST_A_DAY, whole=True, off=False)},
        required=("budget_per_day",),
        off=True,
    ),
    "due_minutes": _object(dict.fromkeys(DUE, _number(1, MOST_MINUTES, whole=True, off=False))),
    "novelty": _object(
        {
            "p_value": _number(0, 1, above=True, off=False),
            "per_day": _number(1, MOST_A_DAY, whole=True),
        },
        required=("p_value",),
        off=True,
    ),
}


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
