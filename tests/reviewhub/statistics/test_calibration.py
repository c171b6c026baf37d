from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from reviewhub.statistics.calibration import (
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
)


@pytest.fixture(scope="module")
def overconfident():
    """Logits 2.5 times the truth, and labels drawn from the truth."""
    random = np.random.default_rng(0)
    truth = random.normal(0, 1.5, (20_000, 5))
    probabilities = special.softmax(truth, axis=1)
    labels = (probabilities.cumsum(axis=1) > random.random((20_000, 1))).argmax(axis=1)
    return 2.5 * truth, labels


def error(logits, labels, **options):
    return expected_calibration_error(special.softmax(logits, axis=1), labels, **options)


def test_the_temperature_is_recovered(overconfident):
    logits, labels = overconfident
    temperature = fit_temperature(logits, labels)
    assert temperature == pytest.approx(2.502, abs=0.001)
    assert error(logits, labels) == pytest.approx(0.2192, abs=1e-4)
    assert error(logits / temperature, labels) == pytest.approx(0.0087, abs=1e-4)


def test_the_temperature_lowers_the_loss(overconfident):
    logits, labels = overconfident
    cooled = logits / fit_temperature(logits, labels)
    assert negative_log_likelihood(cooled, labels) < negative_log_likelihood(logits, labels)


def test_weights_count_like_repeated_labels(overconfident):
    logits, labels = overconfident[0][:300], overconfident[1][:300]
    times = np.arange(300) % 3
    repeated = fit_temperature(np.repeat(logits, times, axis=0), np.repeat(labels, times))
    assert fit_temperature(logits, labels, weights=times) == pytest.approx(repeated, abs=1e-4)


def test_answers_that_are_always_right_stay_within_the_bounds():
    logits = np.eye(3)
    assert 0.05 <= fit_temperature(logits, [0, 1, 2]) < 0.06


def test_the_error_of_a_single_bin_is_the_gap_between_confidence_and_accuracy():
    probabilities = np.array([[0.9, 0.1]] * 10)
    assert expected_calibration_error(probabilities, [0] * 6 + [1] * 4) == pytest.approx(0.3)


def test_bins_of_equal_mass_measure_the_same_kind_of_error(overconfident):
    logits, labels = overconfident
    assert error(logits, labels, scheme="mass") == pytest.approx(0.219, abs=0.005)


def test_the_error_agrees_with_a_plain_loop(overconfident):
    logits, labels = overconfident[0][:500], overconfident[1][:500]
    probabilities = special.softmax(logits, axis=1)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    total = 0.0
    for low, high in zip(np.arange(15) / 15, np.arange(1, 16) / 15, strict=True):
        inside = (confidence > low) & (confidence <= high)
        total += abs(confidence[inside].sum() - right[inside].sum()) / 500
    assert expected_calibration_error(probabilities, labels) == pytest.approx(total)


@pytest.mark.parametrize("weights", [[1.0], [-1.0, 1.0], [0.0, 0.0]])
def test_senseless_weights_are_refused(weights):
    with pytest.raises(ValueError, match="Weights"):
        fit_temperature([[1.0, 0.0], [0.0, 1.0]], [0, 1], weights=weights)


def test_no_labels_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        fit_temperature(np.zeros((0, 2)), [])
