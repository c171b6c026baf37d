"""Learning to name what an image shows: a logistic head, the weight of recent labels, calibration.

Measured leads in these choices: standard deviations floored and features clipped (see `head`),
recent labels weighted by cross-validation on themselves, temperature fitted on held-out labels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special

from reviewhub.statistics.calibration import (
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
)
from training.domain.recipes import Recipe
from training.ml.head import Floats, Head, Labels, fit_head
from training.ml.task import Examples


@dataclass(frozen=True)
class Choice:
    """The weighting of recent labels, and the accuracy each candidate reached on unseen ones."""

    weighting: str
    scores: dict[str, float]


@dataclass(frozen=True)
class Calibration:
    """The temperature, and what it did on the `examples` it was fitted on."""

    temperature: float
    examples: int
    accuracy: float | None = None
    loss_before: float | None = None
    loss_after: float | None = None
    ece_before: float | None = None
    ece_after: float | None = None


def choose_weighting(
    learn: Examples,
    *,
    recipe: Recipe,
    classes: int,
    seed: int,
    told: Callable[[float], None] = lambda share: None,
) -> Choice:
    """Choose by cross-validation over the recent labels; older ones always stay in training.

    A later candidate replaces an earlier, plainer one only when it is better by more than two
    standard errors of their paired difference: with few labels the rest is luck, and pays for it
    on older traffic.
    """
    if len(recipe.weightings) == 1 or not learn.recent.any() or learn.recent.all():
        return Choice(recipe.weightings[0], {})
    fold = _folds(learn, recipe.folds, seed)
    right: dict[str, NDArray[np.float64]] = {}
    for number, weighting in enumerate(recipe.weightings):
        right[weighting] = _held_out_right(learn, fold, weighting, recipe, classes)
        told((number + 1) / len(recipe.weightings))
    scores = {weighting: float(hits.mean()) for weighting, hits in right.items()}
    return Choice(_plainest_of_best(recipe.weightings, right), scores)


def learn_head(learn: Examples, *, weighting: str, recipe: Recipe, classes: int) -> Head:
    """Fit the head on all of `learn`."""
    return fit_head(
        learn.embeddings,
        learn.labels,
        classes=classes,
        weights=example_weights(weighting, learn.labels, learn.recent),
        inverse_penalty=recipe.inverse_penalty,
    )


def calibrate(head: Head, validate: Examples) -> Calibration:
    """Fit the temperature on labels the head has not seen; without any it stays at 1."""
    if len(validate) == 0:
        return Calibration(temperature=1.0, examples=0)
    logits, labels = head.logits(validate.embeddings), validate.labels
    temperature = fit_temperature(logits, labels)
    before, after = special.softmax(logits, axis=1), special.softmax(logits / temperature, axis=1)
    return Calibration(
        temperature=temperature,
        examples=len(validate),
        accuracy=float(np.mean(logits.argmax(axis=1) == labels)),
        loss_before=negative_log_likelihood(logits, labels),
        loss_after=negative_log_likelihood(logits / temperature, labels),
        ece_before=expected_calibration_error(before, labels),
        ece_after=expected_calibration_error(after, labels),
    )


def example_weights(weighting: str, labels: Labels, recent: NDArray[np.bool_]) -> Floats:
    """Weights that sum to the number of examples; see `training.domain.recipes.WEIGHTINGS`."""
    cells = {
        "plain": np.zeros(len(labels), dtype=np.int64),
        "replay": recent.astype(np.int64),
        "balanced": recent * (labels.max() + 1) + labels,
    }[weighting]
    halves = np.zeros(len(labels), dtype=np.int64) if weighting == "plain" else recent
    weights = np.ones(len(labels))
    for half in np.unique(halves):
        inside = np.unique(cells[halves == half])
        for cell in inside:
            member = (halves == half) & (cells == cell)
            weights[member] = 1 / len(inside) / member.sum()
    return np.asarray(weights * len(labels) / weights.sum(), dtype=np.float64)


def _folds(learn: Examples, folds: int, seed: int) -> NDArray[np.int64]:
    """A fold for each recent example, classes spread evenly; -1 for older ones."""
    random = np.random.default_rng(seed)
    fold = np.full(len(learn), -1, dtype=np.int64)
    for label in np.unique(learn.labels):
        members = random.permutation(np.flatnonzero(learn.recent & (learn.labels == label)))
        fold[members] = np.arange(len(members)) % folds
    return fold


def _held_out_right(
    learn: Examples, fold: NDArray[np.int64], weighting: str, recipe: Recipe, classes: int
) -> NDArray[np.float64]:
    """For each recent example, whether a head that did not see it names it right."""
    right = np.zeros(len(learn))
    for number in np.unique(fold[fold >= 0]):
        held = fold == number
        head = learn_head(learn.where(~held), weighting=weighting, recipe=recipe, classes=classes)
        answers = head.logits(learn.embeddings[held]).argmax(axis=1)
        right[held] = answers == learn.labels[held]
    return right[fold >= 0]


def _plainest_of_best(order: Sequence[str], right: dict[str, NDArray[np.float64]]) -> str:
    best = order[0]
    for candidate in order[1:]:
        gain = right[candidate] - right[best]
        if gain.mean() > 2 * gain.std() / sqrt(len(gain)):
            best = candidate
    return best
