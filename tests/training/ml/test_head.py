from __future__ import annotations

import numpy as np
import pytest

from training.ml.head import Head, fit_head


def learned(embeddings, labels, *, classes, inverse_penalty=0.01):
    return fit_head(
        embeddings,
        np.asarray(labels),
        classes=classes,
        weights=np.ones(len(labels)),
        inverse_penalty=inverse_penalty,
    )


@pytest.fixture
def blobs():
    random = np.random.default_rng(0)
    labels = np.arange(90) % 3
    return random.normal(0, 0.3, (3, 20))[labels] + random.normal(0, 0.1, (90, 20)), labels


@pytest.mark.parametrize("classes", [2, 3])
def test_it_learns_two_classes_as_well_as_many(blobs, classes):
    embeddings, labels = (part[blobs[1] < classes] for part in blobs)
    head = learned(embeddings, labels, classes=classes)
    assert (head.logits(embeddings).argmax(axis=1) == labels).all()
    assert head.probabilities(embeddings).sum(axis=1) == pytest.approx(1)


def test_fitting_twice_gives_the_same_head(blobs):
    first, second = (learned(*blobs, classes=3) for _ in range(2))
    for name, part in first.tensors().items():
        assert (part == second.tensors()[name]).all()


def test_a_head_survives_its_tensors(blobs):
    head = learned(*blobs, classes=3)
    again = Head.from_tensors(head.tensors())
    assert (again.logits(blobs[0]) == head.logits(blobs[0])).all()


def test_a_label_without_examples_is_never_the_answer(blobs):
    embeddings, labels = (part[blobs[1] != 1] for part in blobs)
    head = learned(embeddings, labels, classes=4)
    given = head.probabilities(np.random.default_rng(1).normal(0, 5, (200, 20)))
    assert set(given.argmax(axis=1)) <= {0, 2}
    assert given[:, [1, 3]].max() < 1e-6


def test_a_feature_that_was_constant_does_not_blow_up_elsewhere(blobs):
    """Without floor and clip this feature would reach a hundred thousand deviations."""
    embeddings, labels = blobs
    constant = np.full((90, 1), 0.5) + np.random.default_rng(0).normal(0, 1e-6, (90, 1))
    head = learned(np.hstack([embeddings, constant]), labels, classes=3)
    moved = np.hstack([embeddings, np.full((90, 1), 3.0)])
    assert (head.logits(moved).argmax(axis=1) == labels).mean() > 0.95


def test_weights_count_like_repeated_examples(blobs):
    embeddings, labels = blobs
    times = 1.0 + (np.arange(90) % 2)
    weighted = fit_head(embeddings, labels, classes=3, weights=times, inverse_penalty=0.01)
    repeat = times.astype(int)
    repeated = learned(np.repeat(embeddings, repeat, axis=0), np.repeat(labels, repeat), classes=3)
    assert weighted.logits(embeddings) == pytest.approx(repeated.logits(embeddings), abs=1e-3)
