"""The questions that models are compared on, and what their answers are worth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from reviewhub.statistics.calibration import expected_calibration_error
from training.domain.cost import Costs, count
from training.domain.leakage import Trace, find_leaks
from training.domain.snapshots import Vectors, is_recent, traces_of

if TYPE_CHECKING:
    from annotations.queries.learning import ApprovedAnnotation, TaxonomyFacts

SetName = Literal["source", "target"]
TITLES = {
    "source": "Evaluate fold of older traffic",
    "target": "Audited items of recent traffic",
}


@dataclass(frozen=True)
class Exam:
    """Held-out annotations of older ("source") or of recent ("target") traffic, in fixed order.

    `odds` are the chances by which audits drew the questions; empty where not all were drawn.
    """

    name: SetName
    questions: tuple[ApprovedAnnotation, ...]
    odds: tuple[float, ...] = ()

    def digest(self, taxonomy: TaxonomyFacts) -> str:
        """The same questions with the same truth under the same label set are the same exam.

        Answers are kept in the words of the label set, and figures by its costs: where it was
        revised, neither stands for the new one, even if no truth of the exam was called otherwise.
        """
        asked = [[str(one.annotation_uid), one.label_key] for one in self.questions]
        return sha256(json.dumps([taxonomy.number, asked]).encode()).hexdigest()


def set_exams(
    approved: Sequence[ApprovedAnnotation],
    *,
    readable: Collection[int],
    champion_frozen_at: datetime | None,
    odds: Mapping[int, float],
) -> tuple[Exam, ...]:
    """Split the evaluate fold at the moment the champion's data were frozen; no exam is empty.

    `readable` holds the ids of items whose image can be read. Before there is a champion all
    traffic is older traffic. Of recent traffic only what an audit drew is asked, with the `odds`
    of its draw by annotation: what the champion doubts is queued more often, and on that alone
    any other model looks better. The older items were chosen before there was this champion, so
    all of them are asked.
    """
    asked = sorted(
        (
            one
            for one in approved
            if one.fold == "evaluate" and one.outcome == "label" and one.item_id in readable
        ),
        key=lambda one: one.annotation_id,
    )
    older = tuple(one for one in asked if not is_recent(one, champion_frozen_at))
    recent = tuple(one for one in asked if is_recent(one, champion_frozen_at))
    drawn = tuple(one for one in recent if one.annotation_id in odds)
    target = Exam("target", drawn, odds=tuple(odds[one.annotation_id] for one in drawn))
    return tuple(exam for exam in (Exam("source", older), target) if exam.questions)


@dataclass(frozen=True)
class LeftOut:
    """Judged items of the evaluate fold that no exam asks about, each counted once.

    Recent ones that were judged for other reasons than an audit, and by exam those that one of the
    models has learned under another name.
    """

    not_drawn: int = 0
    learned: Mapping[SetName, int] = field(default_factory=dict)


def left_out(
    approved: Sequence[ApprovedAnnotation],
    unseen: Sequence[ApprovedAnnotation],
    *,
    champion_frozen_at: datetime | None,
    odds: Mapping[int, float],
) -> LeftOut:
    """What is missing from exams set of `unseen`, which is what `without_learned` left."""
    askable = {one.annotation_id for one in unseen}
    not_drawn, learned = 0, Counter[SetName]()
    for one in approved:
        if one.fold != "evaluate" or one.outcome != "label":
            continue
        recent = is_recent(one, champion_frozen_at)
        if recent and one.annotation_id not in odds:
            not_drawn += 1
        elif one.annotation_id not in askable:
            learned["target" if recent else "source"] += 1
    return LeftOut(not_drawn, dict(learned))


def without_learned(
    approved: Sequence[ApprovedAnnotation], *, learned: Sequence[Trace], embeddings: Vectors
) -> list[ApprovedAnnotation]:
    """All but the held-out items that `learned` ones give away.

    By the rule that keeps the exam out of what is learned.
    """
    held_out = [one for one in approved if one.fold == "evaluate"]
    leaks = find_leaks(traces_of(held_out, embeddings), learned)
    told = {held_out[at].annotation_id for at in leaks}
    return [one for one in approved if one.annotation_id not in told]


def costs_of(taxonomy: TaxonomyFacts) -> Costs:
    return Costs(
        positive=tuple(label.is_positive for label in taxonomy.labels),
        miss=tuple(label.cost_of_miss for label in taxonomy.labels),
        false_alarm=tuple(label.cost_of_false_alarm for label in taxonomy.labels),
    )


def in_order_of(
    keys: Sequence[str], probabilities: NDArray[np.floating[Any]], *, labels: Sequence[str | None]
) -> NDArray[np.float64]:
    """Columns brought from a model's labels to the taxonomy's; what it never learned has none.

    `labels` are the model's as the taxonomy calls them: those that became one label are summed. A
    model of an earlier taxonomy is judged by what it says of the labels that are left.
    """
    columns = np.zeros((len(probabilities), len(keys)))
    for at, label in enumerate(labels):
        if label is not None and label in keys:
            columns[:, keys.index(label)] += probabilities[:, at]
    total = columns.sum(axis=1, keepdims=True)
    return np.where(total > 0, columns / np.maximum(total, 1e-12), 1 / len(keys))


def measure(
    truth: Sequence[int], probabilities: NDArray[np.float64], costs: Costs
) -> dict[str, Any]:
    """Counts, shares, cost per item and the expected calibration error of one model's answers."""
    answers = [int(at) for at in probabilities.argmax(axis=1)]
    error = expected_calibration_error(probabilities, truth)
    return count(truth, answers, costs).as_json() | {"ece": error}
