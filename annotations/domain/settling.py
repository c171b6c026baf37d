"""When the opinions about an item suffice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum
from typing import Literal

from annotations.domain.kinds import Judgement, Kind


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Opinion:
    """One reviewer's answer that counts; confirmed and corrected ones carry a judgement."""

    reviewer: int
    verdict: Verdict
    judgement: Judgement | None = None

    def __post_init__(self) -> None:
        judged = self.verdict in (Verdict.CONFIRMED, Verdict.CORRECTED)
        if judged != (self.judgement not in (None, "")):
            raise ValueError(f"a {self.verdict} opinion with judgement {self.judgement!r}")


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
    """The truth, as far as people can tell; no judgement when the item is unusable."""

    outcome: Literal["label", "unusable"]
    judgement: Judgement | None
    how: Literal["single", "consensus"]


def settle(
    opinions: Sequence[Opinion],
    *,
    kind: Kind,
    answers_wanted: int,
    agreement_needed: int,
    skips_allowed: int,
) -> AskMore | Dispute | Settled:
    """Settle, ask more people, or send to adjudication; the order of opinions does not matter.

    1. All answers wanted are collected: stopping at the first agreement would make people look
       more of one mind than they are. Extra answers, given at the same moment, count too.
    2. Settled when one judgement alone leads with at least `agreement_needed` voices: of those
       that agree with it, itself included. "Unusable" is a judgement like any label; a skip is
       none. Boxes never agree to the pixel: the answer nearest to its voices speaks for them.
    3. Disputed as soon as no judgement given so far can get there any more, or more than
       `skips_allowed` people passed.
    """
    if not 1 <= agreement_needed <= answers_wanted:
        raise ValueError(f"{agreement_needed} of {answers_wanted} answers can never agree")
    _check_one_each(opinions)
    said = [each.judgement for each in opinions if each.verdict != Verdict.SKIPPED]
    camps = _camps(said, kind)
    missing = max(0, answers_wanted - len(said))
    most = camps[0].voices if camps else 0
    if missing == 0 and most >= agreement_needed and _leads_alone(camps, kind):
        return _settled(camps[0].judgement, len(said))
    if missing == 0 or most + missing < agreement_needed:
        return Dispute("no_agreement")
    if len(opinions) - len(said) > skips_allowed:
        return Dispute("too_many_skips")
    return AskMore(missing)


@dataclass(frozen=True)
class _Camp:
    """A judgement, how many agree with it, and how far all of them are from it together."""

    judgement: Judgement | None
    voices: int
    apart: float

    @property
    def rank(self) -> tuple[float, float, str]:
        return -self.voices, self.apart, str(self.judgement)


def _camps(said: Sequence[Judgement | None], kind: Kind) -> list[_Camp]:
    """Every judgement with its voices, the strongest first; one camp each, though some agree."""
    camps = []
    for mine in said:
        voices = [theirs for theirs in said if _agree(mine, theirs, kind)]
        apart = fsum(_distance(mine, theirs, kind) for theirs in voices)
        camps.append(_Camp(mine, len(voices), apart))
    return sorted(camps, key=lambda camp: camp.rank)


def _leads_alone(camps: Sequence[_Camp], kind: Kind) -> bool:
    """No camp that disagrees with the first has as many voices."""
    first = camps[0]
    rivals = (camp for camp in camps if not _agree(first.judgement, camp.judgement, kind))
    return all(rival.voices < first.voices for rival in rivals)


def _agree(one: Judgement | None, other: Judgement | None, kind: Kind) -> bool:
    if one is None or other is None:
        return one is other
    return kind.agree(one, other)


def _distance(one: Judgement | None, other: Judgement | None, kind: Kind) -> float:
    return 0.0 if one is None or other is None else kind.distance(one, other)


def _check_one_each(opinions: Sequence[Opinion]) -> None:
    if len({opinion.reviewer for opinion in opinions}) < len(opinions):
        raise ValueError("a reviewer has two opinions that count")


def _settled(judgement: Judgement | None, answers: int) -> Settled:
    return Settled(
        outcome="unusable" if judgement is None else "label",
        judgement=judgement,
        how="single" if answers == 1 else "consensus",
    )
