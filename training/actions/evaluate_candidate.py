from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotations.queries.learning import TaxonomyFacts, label_carriers, open_item_image
from training.actions.held_run import HeldRun
from training.artifacts import read_onnx
from training.domain.exams import TITLES, Exam, costs_of, in_order_of, measure
from training.inference.images import to_pixels
from training.inference.predictor import OnnxPredictor
from training.models import (
    Evaluation,
    EvaluationMember,
    EvaluationSet,
    ModelVersion,
)

CHUNK = 32


@dataclass(frozen=True)
class Sitting:
    """One exam as a row, with the evaluations of whoever sat it, by model."""

    exam: Exam
    row: EvaluationSet
    evaluations: dict[int, Evaluation]


class Answers(NamedTuple):
    """What a model's labels, in its own order, are called now, and the probabilities it gave."""

    labels: tuple[str | None, ...]
    probabilities: NDArray[np.float32]


def evaluate_candidate(
    *,
    held: HeldRun,
    models: Sequence[ModelVersion],
    exams: Sequence[Exam],
    taxonomy: TaxonomyFacts,
) -> list[Sitting]:
    """Let every model sit every exam, each by the very file that clients get.

    Images are decoded once for all models. A model of an earlier taxonomy answers in its words,
    which are carried over as the truth is. What was measured before is not measured again: an
    evaluation stands for ever, since neither the model nor the exam can change.
    """
    sittings = [_sitting(held, exam, models, taxonomy) for exam in exams]
    missing = [model for model in models if any(model.pk not in s.evaluations for s in sittings)]
    predictors = {model: OnnxPredictor(read_onnx(model), model.onnx_sha256) for model in missing}
    total = sum(len(exam.questions) for exam in exams)
    done = 0
    for sitting in sittings:
        absent = {m: p for m, p in predictors.items() if m.pk not in sitting.evaluations}
        if absent:
            answers = _answers(held, sitting.exam, absent, (done, total))
            _keep(held, sitting, _carried(held, answers, taxonomy), taxonomy)
        done += len(sitting.exam.questions)
    return sittings


def _sitting(
    held: HeldRun, exam: Exam, models: Sequence[ModelVersion], taxonomy: TaxonomyFacts
) -> Sitting:
    with held.guarded():
        row, created = EvaluationSet.objects.get_or_create(
            project_id=held.run.project_id,
            kind=exam.name,
            digest=exam.digest(taxonomy),
            defaults={
                "name": f"{TITLES[exam.name]}, run {held.run.number}",
                "created_at": held.clock(),
            },
        )
        if created:
            EvaluationMember.objects.bulk_create(
                (
                    EvaluationMember(
                        evaluation_set=row, annotation_id=one.annotation_id, position=position
                    )
                    for position, one in enumerate(exam.questions)
                ),
                batch_size=1000,
            )
    known = Evaluation.objects.filter(evaluation_set=row, model_version__in=models)
    return Sitting(exam, row, {one.model_version_id: one for one in known})


def _answers(
    held: HeldRun,
    exam: Exam,
    predictors: dict[ModelVersion, OnnxPredictor],
    progress: tuple[int, int],
) -> dict[ModelVersion, Answers]:
    done, total = progress
    parts: dict[ModelVersion, list[NDArray[np.float32]]] = {model: [] for model in predictors}
    for start, chunk in _chunks(exam):
        held.advance((done + start) / total, f"Asking about item {done + start + 1} of {total}.")
        pictures = [open_item_image(item_id) for item_id in chunk]
        for model, predictor in predictors.items():
            parts[model].append(predictor.predict(to_pixels(pictures, size=predictor.size)))
    return {
        model: Answers(predictors[model].labels, np.concatenate(given))
        for model, given in parts.items()
    }


def _chunks(exam: Exam) -> Iterator[tuple[int, list[int]]]:
    items = [one.item_id for one in exam.questions]
    for start in range(0, len(items), CHUNK):
        yield start, items[start : start + CHUNK]


def _carried(
    held: HeldRun, answers: dict[ModelVersion, Answers], taxonomy: TaxonomyFacts
) -> dict[ModelVersion, Answers]:
    def carried(model: ModelVersion, given: Answers) -> Answers:
        now_called = carriers[model.snapshot.taxonomy_id]
        return given._replace(labels=tuple(label and now_called(label) for label in given.labels))

    carriers = label_carriers(held.run.project_id, taxonomy.id)
    return {model: carried(model, given) for model, given in answers.items()}


def _keep(
    held: HeldRun,
    sitting: Sitting,
    answers: dict[ModelVersion, Answers],
    taxonomy: TaxonomyFacts,
) -> None:
    keys = [label.key for label in taxonomy.labels]
    truth = [keys.index(one.label_key) for one in sitting.exam.questions]
    with held.guarded():
        for model, given in answers.items():
            shares = in_order_of(keys, given.probabilities, labels=given.labels)
            best = shares.argmax(axis=1)
            sitting.evaluations[model.pk], _ = Evaluation.objects.get_or_create(
                model_version=model,
                evaluation_set=sitting.row,
                defaults={
                    "metrics": measure(truth, shares, costs_of(taxonomy)),
                    "answers": [
                        [keys[at], round(float(row[at]), 6)]
                        for at, row in zip(best, shares, strict=True)
                    ],
                    "created_at": held.clock(),
                },
            )
