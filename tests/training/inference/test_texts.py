from __future__ import annotations

import doctest

import numpy as np
import pytest

from training.domain.novelty import reference
from training.inference import texts
from training.inference.texts import LONGEST, TextEmbedder

ENGLISH = [
    "the",
    "order",
    "delivery",
    "invoice",
    "refund",
    "customer",
    "parcel",
    "late",
    "broken",
    "please",
    "send",
    "return",
]
GERMAN = [
    "die",
    "Bestellung",
    "Lieferung",
    "Rechnung",
    "Kunde",
    "Paket",
    "verspätet",
    "kaputt",
    "bitte",
    "schicken",
]


def messages(words: list[str], number: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(words, size=12)) for _ in range(number)]


def test_each_text_has_a_direction_of_its_own_in_half_precision() -> None:
    found = TextEmbedder().embed(["My parcel is late", "my PARCEL is late!", "", "\u202e\u200b"])
    assert found.dtype == np.float16
    assert found.shape == (4, 256)
    assert np.linalg.norm(found[0].astype(float)) == pytest.approx(1, abs=1e-2)
    assert float(found[0].astype(float) @ found[1].astype(float)) > 0.85
    assert not found[2].any()


def test_the_digest_is_the_same_on_every_machine_and_in_every_process() -> None:
    assert TextEmbedder().digest == (
        "c80ff2fd74bef6fc2555e70f26ebbcc42f040651592dac314d8d6b48d8e51ac9"
    )


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    start = "word " * (LONGEST // 5)
    long, longer = TextEmbedder().embed([start + "one thing", start + "another" * 1000])
    assert long.tolist() == longer.tolist()


def test_the_projection_keeps_the_angles_of_the_counts() -> None:
    some = messages(ENGLISH, 60, seed=1)
    embedder = TextEmbedder()
    counts = embedder._count.transform(some)
    exact = (counts @ counts.T).toarray()
    found = embedder.embed(some).astype(float)
    assert np.abs(found @ found.T - exact).max() < 4.5 / np.sqrt(256)
    assert np.abs(found @ found.T - exact).mean() < 1 / np.sqrt(256)


def test_another_language_is_novel_and_the_same_one_is_not() -> None:
    embed = TextEmbedder().embed
    known = reference(
        embed(messages(ENGLISH, 200, 1)), embed(messages(ENGLISH, 120, 2)), p_value=0.01
    )
    _, foreign = known.score(embed(messages(GERMAN, 50, 3)))
    _, usual = known.score(embed(messages(ENGLISH, 200, 4)))
    assert (foreign <= 0.01).all()
    assert (usual <= 0.01).mean() < 0.05


def test_the_examples_in_the_text_run() -> None:
    assert doctest.testmod(texts).failed == 0
