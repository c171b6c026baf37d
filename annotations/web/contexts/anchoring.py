from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.queries.anchoring import Agreement, Anchoring
from reviewhub.common.pages import many

WIDTH = 220.0


@dataclass(frozen=True)
class Line:
    """A share with its interval, as components/interval.html draws it."""

    low: float
    value: float
    high: float
    text: str
    zero: float = 0.0
    margin: float | None = None


@dataclass(frozen=True)
class AgreementRow:
    """`line` is None while there is too little to tell."""

    name: str
    told: str
    answers: str
    line: Line | None


@dataclass(frozen=True)
class AnchoringFigure:
    rows: Sequence[AgreementRow]
    text: str


def anchoring_figure(figure: Anchoring) -> AnchoringFigure:
    return AnchoringFigure(
        rows=[_row("Prediction shown", figure.shown), _row("Blind", figure.blind)],
        text=(
            f"Since {figure.since:%d %b %Y}, one item at a time; audits and items called unusable "
            "are left out. If people only nodded, the share would be higher where they saw the "
            "prediction."
        ),
    )


def _row(name: str, agreement: Agreement) -> AgreementRow:
    answers = many(agreement.answers, "answer")
    if agreement.missing:
        told = f"not enough answers yet: {agreement.missing} more"
        return AgreementRow(name, told, answers, None)
    low, high = agreement.interval
    told = f"{agreement.share:.1%} ({low:.1%} to {high:.1%})"
    line = Line(low * WIDTH, agreement.share * WIDTH, high * WIDTH, f"{name}: {told}")
    return AgreementRow(name, told, answers, line)
