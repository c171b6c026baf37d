"""Making confidence mean what it says, and measuring how far it does."""

from __future__ import annotations

from math import exp, log
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

TEMPERATURES = (0.05, 20.0)


def fit_temperature(
    logits: ArrayLike, labels: ArrayLike, *, weights: ArrayLike | None = None
) -> float:
    """The temperature T, within [0.05, 20], that makes softmax(logits / T) likeliest.

    Guo et al. 2017: minimises the (weighted) negative log-likelihood over log T, so the ranking of
    answers stays as it is. Weights are 1/pi for items drawn with probability pi.
    """
    scores, truth = np.asarray(logits, np.float64), np.asarray(labels, np.intp)
    share = _shares(weights, truth.size)
    found = optimize.minimize_scalar(
        lambda log_t: _loss(scores / exp(log_t), truth, share),
        bounds=(log(TEMPERATURES[0]), log(TEMPERATURES[1])),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return exp(float(found.x))


def negative_log_likelihood(
    logits: ArrayLike, labels: ArrayLike, *, weights: ArrayLike | None = None
) -> float:
    """Mean of -log of the probability given to the truth, in nats."""
    truth = np.asarray(labels, np.intp)
    return _loss(np.asarray(logits, np.float64), truth, _shares(weights, truth.size))


def expected_calibration_error(
    probabilities: ArrayLike,
    labels: ArrayLike,
    *,
    bins: int = 15,
    scheme: Literal["width", "mass"] = "width",
    weights: ArrayLike | None = None,
) -> float:
    """Mean distance, over bins of top-label confidence, between confidence and accuracy.

    Bins are of equal width or of equal mass. Biased upwards in small samples: a perfectly
    calibrated model of 100 answers scores about 0.1, so compare models on the same items only.
    """
    given = np.asarray(probabilities, np.float64)
    confidence = given.max(axis=1)
    right = given.argmax(axis=1) == np.asarray(labels, np.intp)
    share = _shares(weights, confidence.size)
    which = np.searchsorted(_inner_edges(confidence, bins, scheme), confidence, side="left")
    gaps = np.bincount(which, weights=share * (confidence - right), minlength=bins)
    return float(np.abs(gaps).sum())


def _inner_edges(confidence: NDArray[np.float64], bins: int, scheme: str) -> NDArray[np.float64]:
    steps = np.linspace(0, 1, bins + 1)[1:-1]
    return steps if scheme == "width" else np.quantile(confidence, steps)


def _loss(
    logits: NDArray[np.float64], truth: NDArray[np.intp], share: NDArray[np.float64]
) -> float:
    log_probabilities = special.log_softmax(logits, axis=1)
    return float(-(share * log_probabilities[np.arange(truth.size), truth]).sum())


def _shares(weights: ArrayLike | None, count: int) -> NDArray[np.float64]:
    if count == 0:
        raise ValueError("Calibration needs at least one labelled answer.")
    given: NDArray[Any] = np.ones(count) if weights is None else np.asarray(weights, np.float64)
    if given.shape != (count,) or given.min() < 0 or given.sum() <= 0:
        raise ValueError("Weights must be one per label, none negative, not all zero.")
    return np.asarray(given / given.sum(), dtype=np.float64)
