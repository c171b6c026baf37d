from __future__ import annotations

import numpy as np
import pytest

from training.domain.recipes import WEIGHTINGS, Recipe
from training.ml.learners.image_classification import (
    calibrate,
    choose_weighting,
    example_weights,
    learn_head,
)
from training.ml.task import Examples

RECIPE = Recipe(backbone="any", weightings=WEIGHTINGS)


def drifted(*, older=600, recent=60, conflict=True, seed=0) -> Examples:
    """Two classes; what tells them apart in older items misleads in recent ones."""
    random = np.random.default_rng(seed)
    labels = np.arange(older + recent) % 2
    new = np.arange(older + recent) >= older
    sign = 2.0 * labels - 1
    embeddings = random.normal(0, 1, (older + recent, 40))
    embeddings[:, 0] += np.where(new & conflict, -1.5, 1.5) * sign
    embeddings[:, 1] += np.where(new & conflict, 0.8, 0.0) * sign
    return Examples(embeddings.astype(np.float16), labels.astype(np.int64), new)


def test_recent_labels_gain_weight_where_they_contradict_older_ones():
    choice = choose_weighting(drifted(), recipe=RECIPE, classes=2, seed=0)
    assert choice.weighting in {"replay", "balanced"}
    assert choice.scores[choice.weighting] > choice.scores["plain"] + 0.1


def test_where_nothing_is_gained_the_plainest_weighting_stays():
    choice = choose_weighting(drifted(conflict=False), recipe=RECIPE, classes=2, seed=0)
    assert choice.weighting == "plain"
    assert set(choice.scores) == set(WEIGHTINGS)


def test_the_choice_replays_with_its_seed_and_says_how_far_it_is():
    told: list[float] = []
    first = choose_weighting(drifted(), recipe=RECIPE, classes=2, seed=5, told=told.append)
    assert first == choose_weighting(drifted(), recipe=RECIPE, classes=2, seed=5)
    assert told == pytest.approx([1 / 3, 2 / 3, 1])


@pytest.mark.parametrize("everything_recent", [True, False])
def test_without_two_groups_there_is_nothing_to_choose(everything_recent):
    examples = drifted()
    alike = Examples(
        examples.embeddings, examples.labels, np.full(len(examples), everything_recent)
    )
    assert choose_weighting(alike, recipe=RECIPE, classes=2, seed=0).weighting == "plain"


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_weights_sum_to_the_number_of_examples(weighting):
    examples = drifted(older=90, recent=31)
    weights = example_weights(weighting, examples.labels, examples.recent)
    assert weights.sum() == pytest.approx(121)
    assert weights.min() > 0


def test_replay_makes_two_halves_and_balanced_equal_classes_in_each():
    labels, recent = np.array([0, 0, 0, 1, 0, 1, 1]), np.array([0, 0, 0, 0, 1, 1, 1], dtype=bool)
    replay = example_weights("replay", labels, recent)
    assert replay[recent].sum() == pytest.approx(replay[~recent].sum())
    balanced = example_weights("balanced", labels, recent)
    sums = [balanced[(recent == half) & (labels == k)].sum() for half in (0, 1) for k in (0, 1)]
    assert sums == pytest.approx([7 / 4] * 4)


def test_calibration_lowers_the_loss_on_what_it_was_fitted_on():
    learn, validate = drifted(seed=1), drifted(seed=2)
    head = learn_head(learn, weighting="plain", recipe=RECIPE, classes=2)
    calibration = calibrate(head, validate)
    assert calibration.examples == len(validate)
    assert calibration.loss_after <= calibration.loss_before
    assert calibration.accuracy > 0.8


def test_without_held_out_labels_the_temperature_stays_at_one():
    learn = drifted()
    head = learn_head(learn, weighting="plain", recipe=RECIPE, classes=2)
    calibration = calibrate(head, learn.where(np.zeros(len(learn), dtype=bool)))
    assert (calibration.temperature, calibration.examples) == (1.0, 0)
