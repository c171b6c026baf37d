"""Probabilities over labels: reading, ranking and comparing them; shared by the kinds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import fsum, log, log2
from operator import itemgetter

from annotations.domain.kinds.answers import (
    Difference,
    Mapped,
    Problem,
    is_number,
    refuse,
    unknown_label,
)

TOLERANCE = 0.01
"""How far the probabilities may miss a sum of 1: clients round."""

Ranking = tuple[tuple[str, float], ...]
"""Label keys with their probabilities, the most probable first; equal ones by key."""


@dataclass(frozen=True)
class Ranked:
    """An answer that ranks labels: all of them, or the most probable few.

    A few leave a rest of probability untold. Where that matters, each figure takes the side on
    which nothing is missed.
    """

    ranking: Ranking

    @property
    def top(self) -> str:
        return self.ranking[0][0] if self.ranking else ""

    @property
    def confidence(self) -> float:
        return self.ranking[0][1] if self.ranking else 0.0

    @property
    def margin(self) -> float | None:
        """p1 - p2; with one label told, the least it can be: all that is left is the second's."""
        if not self.ranking:
            return None
        first = self.ranking[0][1]
        if len(self.ranking) > 1:
            return first - self.ranking[1][1]
        return first - min(max(1.0 - first, 0.0), first)

    @property
    def entropy(self) -> float | None:
        """Shannon entropy of the told probabilities over its maximum, log of their number.

        >>> Ranked((("a", 0.5), ("b", 0.5))).entropy
        1.0
        """
        return spread(self.ranking, choices=len(self.ranking))

    @property
    def dissent(self) -> float | None:
        return None

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple([key for key, _ in self.ranking])

    @property
    def claims(self) -> tuple[str, ...]:
        return (self.ranking[0][0],) if self.ranking else ()

    @property
    def distribution(self) -> Ranking | None:
        """What may be compared with another predictor's; None for a mere choice."""
        return self.ranking or None

    def positive(self, positives: Collection[str]) -> float:
        """What the findings hold, and as much of the untold rest as they may hold.

        No label left out holds more than the least told one: a client that only ever sends its
        first choice must not look as if it had ruled a defect out.
        """
        told = [probability for key, probability in self.ranking if key in positives]
        held = fsum(told)
        rest = 1.0 - fsum([probability for _, probability in self.ranking])
        if self.ranking and rest > TOLERANCE:
            untold = len(positives) - len(told)
            held += min(rest, untold * self.ranking[-1][1])
        return min(held, 1.0)


def ranked(probabilities: Mapping[str, float]) -> Ranking:
    """Ordered so that JSON may come back from a database in any order."""
    return tuple(sorted(sorted(probabilities.items()), key=itemgetter(1), reverse=True))


def read(raw: object, labels: Collection[str], *, at: str = "probabilities") -> Ranking:
    """Read `{label key: probability}`, complete or top-k; raises InvalidAnswer.

    Each probability is in [0, 1]. A complete answer adds up to 1 within TOLERANCE. A top-k answer
    adds up to less, and what is left must fit under its smallest probability: otherwise a label
    that was left out might be the most probable one, and `top` would be a lie.
    """
    if not isinstance(raw, Mapping) or not raw:
        expected = "Expected an object that gives at least one label a probability."
        refuse([{"field": at, "message": expected}])
    known = set(labels)
    if not (raw.keys() <= known and all(map(_is_probability, raw.values()))):
        refuse(_each(raw, labels, at))
    if problem := _together(raw, missing=len(known) - len(raw), at=at):
        refuse([problem])
    return ranked({key: float(value) for key, value in raw.items()})


def spread(ranking: Ranking, *, choices: int) -> float | None:
    """Entropy of the ranking, scaled to sum 1, over log(choices); None for a single choice.

    Only certainty, the whole probability on one label, has no entropy whatever the choices.
    """
    total = fsum([probability for _, probability in ranking])
    if choices < 2 or total <= 0:
        return 0.0 if len(ranking) == 1 and total >= 1 else None
    weighed = fsum([p * log(p) for _, p in ranking if p > 0])
    return min(max((log(total) - weighed / total) / log(choices), 0.0), 1.0)


def compare(one: Ranked, other: Ranked) -> Difference:
    mine, theirs = one.distribution, other.distribution
    apart = None if mine is None or theirs is None else divergence(mine, theirs)
    return Difference(labels=one.top != other.top, divergence=apart)


def divergence(one: Ranking, other: Ranking) -> float:
    """Jensen-Shannon divergence, base 2: 0.0 for the same, 1.0 for nothing in common.

    JS(P, Q) = KL(P ‖ M)/2 + KL(Q ‖ M)/2 with M = (P + Q)/2. Labels whose probability one side
    left untold are thrown together on both sides: that can only lower the divergence, so what a
    top-k answer leaves out never looks like a disagreement.

    >>> divergence((("a", 1.0),), (("b", 1.0),))
    1.0
    """
    mine, theirs = dict(one), dict(other)
    own, their = _complete(mine), _complete(theirs)
    known = sorted(
        key
        for key in mine.keys() | theirs.keys()
        if (own or key in mine) and (their or key in theirs)
    )
    left, right = _with_rest(mine, known, whole=own), _with_rest(theirs, known, whole=their)
    shares = zip(left, right, strict=True)
    return min(max(fsum(_half(p, q) + _half(q, p) for p, q in shares), 0.0), 1.0)


def carried(ranking: Ranking, mapping: Mapped) -> tuple[Ranking, tuple[str, ...]]:
    """The ranking under new keys, merged labels added up, and the keys that have no successor."""
    moved: dict[str, float] = {}
    gone = []
    for key, probability in ranking:
        successor = mapping(key)
        if successor is None:
            gone.append(key)
        else:
            moved[successor] = min(moved.get(successor, 0.0) + probability, 1.0)
    return ranked(moved), tuple(gone)


def _each(raw: Mapping[object, object], labels: Collection[str], at: str) -> Iterator[Problem]:
    known = set(labels)
    for key, value in raw.items():
        field = f"{at}.{str(key)[:60]}"
        if key not in known:
            yield unknown_label(field, labels)
        elif not _is_probability(value):
            yield {"field": field, "message": "Expected a number from 0 to 1."}


def _is_probability(value: object) -> bool:
    # the first half is for speed: nearly every value of nearly every prediction ends there
    return (type(value) is float and 0.0 <= value <= 1.0) or is_number(value, 0, 1)


def _together(raw: Mapping[str, float], *, missing: int, at: str) -> Problem | None:
    total = fsum(raw.values())
    slack = TOLERANCE + 1e-9
    if total > 1 + slack or (missing == 0 and total < 1 - slack):
        message = f"Expected probabilities that add up to 1; these add up to {total:.4g}."
    elif 1 - total > slack and 1 - total > missing * min(raw.values()) + slack:
        message = (
            f"Expected the most probable labels; the {missing} left out hold {1 - total:.4g} "
            "together, so one of them may be more probable than these."
        )
    else:
        return None
    return {"field": at, "message": message}


def _complete(probabilities: Mapping[str, float]) -> bool:
    return fsum(probabilities.values()) >= 1 - TOLERANCE - 1e-9


def _with_rest(told: Mapping[str, float], known: list[str], *, whole: bool) -> list[float]:
    """The known shares and whatever is left, scaled to add up to 1.

    Of a whole answer that is what it told of other labels; of a few labels, all that is missing.
    """
    shares = [told.get(key, 0.0) for key in known]
    if whole:
        rest = fsum([value for key, value in told.items() if key not in known])
    else:
        rest = max(1.0 - fsum(shares), 0.0)
    total = fsum(shares) + rest
    return [share / total for share in (*shares, rest)]


def _half(p: float, q: float) -> float:
    return p * log2(2 * p / (p + q)) / 2 if p > 0 else 0.0
