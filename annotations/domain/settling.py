"""When the opinions about an item suffice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Opinion:
    """One reviewer's answer that counts; confirmed and corrected ones carry a label."""

    reviewer: int
    verdict: Verdict
    label: str | None = None

    def __post_init__(self) -> None:
        labelled = self.verdict in (Verdict.CONFIRMED, Verdict.CORRECTED)
        if labelled != bool(self.label):
            raise ValueError(f"a {self.verdict} opinion with label {self.label!r}")


@dataclass(frozen=True)
class AskMore:
    """`answers` more are wanted."""

    answers: int


@dataclass(frozen=True)
class Dispute:
    """People cannot settle this; a lead must."""

    reason: Literal["no_agreement", "too_many_skips"]


@dataclass(frozen=True)
class Settled:
    """The truth, as far as people can tell; no label when the item is unusable."""

    outcome: Literal["label", "unusable"]
    label: str | None
    how: Literal["single", "consensus"]


def settle(
    opinions: Sequence[Opinion], *, answers_wanted: int, agreement_needed: int, skips_allowed: int
) -> AskMore | Dispute | Settled:
    """Settle, ask more people, or send to adjudication; the order of opinions does not matter.

    1. All answers wanted are collected: stopping at the first agreement would make people look
       more of one mind than they are. Extra answers, given at the same moment, count too.
    2. Settled when one judgement alone leads with at least `agreement_needed` voices. "Unusable"
       is a judgement like any label; a skip is none.
    3. Disputed as soon as no judgement can get there any more, or more than `skips_allowed`
       people passed.
    """
    if not 1 <= agreement_needed <= answers_wanted:
        raise ValueError(f"{agreement_needed} of {answers_wanted} answers can never agree")
    _check_one_each(opinions)
    voices = Counter(opinion.label for opinion in opinions if opinion.verdict != Verdict.SKIPPED)
    missing = max(0, answers_wanted - voices.total())
    leaders = voices.most_common(2)
    most = leaders[0][1] if leaders else 0
    alone = len(leaders) == 1 or (len(leaders) == 2 and leaders[1][1] < most)
    if missing == 0 and alone and most >= agreement_needed:
        return _settled(leaders[0][0], voices.total())
    if missing == 0 or most + missing < agreement_needed:
        return Dispute("no_agreement")
    if len(opinions) - voices.total() > skips_allowed:
        return Dispute("too_many_skips")
    return AskMore(missing)


def _check_one_each(opinions: Sequence[Opinion]) -> None:
    if len({opinion.reviewer for opinion in opinions}) < len(opinions):
        raise ValueError("a reviewer has two opinions that count")


def _settled(judgement: str | None, answers: int) -> Settled:
    return Settled(
        outcome="unusable" if judgement is None else "label",
        label=judgement,
        how="single" if answers == 1 else "consensus",
    )
