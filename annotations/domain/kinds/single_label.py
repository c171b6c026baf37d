"""A person's answer where one label fits the whole item; shared by the kinds that have it."""

from __future__ import annotations

from collections.abc import Collection

from annotations.domain.kinds.answers import Answer, Judgement, Size
from annotations.errors import UnknownLabel


def judge(raw: object, labels: Collection[str], *, size: Size | None = None) -> Judgement:
    """The label key, if the taxonomy has it; raises UnknownLabel."""
    if not isinstance(raw, str) or raw not in labels:
        raise UnknownLabel(label=str(raw)[:60], known=[*labels])
    return raw


def says(answer: Answer) -> Judgement:
    return answer.top


def same(one: Judgement, other: Judgement) -> bool:
    return one == other


def distance(one: Judgement, other: Judgement) -> float:
    """0.0 for the same label, 1.0 for another: labels of one taxonomy have no order."""
    return 0.0 if one == other else 1.0
