"""Embeddings of texts from their letters alone: no network, no weights, nothing to download.

What it is: counts of hashed character n-grams (3 to 5, within words), brought to 256 numbers by a
signed random projection, which keeps angles (Johnson-Lindenstrauss). Texts are alike when they
share spellings, so another language, another form or a new vocabulary lies far away, and typing
errors or endings hardly move a text. What it is not: it knows no meaning. "Refund me" and "I want
my money back" are strangers to it, and a new intent in old words is not novel. A pretrained
encoder does better there; it would be a backbone with a digest of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer

NAME = "letters"
DIMENSION = 256
FEATURES = 2**14
NGRAMS = (3, 5)
LONGEST = 20_000
"""Letters that are read; the beginning of a long text says what it is about."""
SEED = 20_14
BATCH = 256


class TextEmbedder:
    """Turns texts into embeddings; two machines give the same ones, and the digest says so.

    >>> one, two, other = TextEmbedder().embed(["late delivery", "late deliveries", "Rückgabe"])
    >>> bool(one @ two > 0.7 > 0.3 > one @ other)
    True
    """

    dimension = DIMENSION

    def __init__(self) -> None:
        self._count = HashingVectorizer(
            analyzer="char_wb", ngram_range=NGRAMS, n_features=FEATURES, dtype=np.float32
        )

    @cached_property
    def digest(self) -> str:
        """Names everything that decides an embedding, the random signs themselves included."""
        facts = {
            "name": NAME,
            "features": FEATURES,
            "ngrams": NGRAMS,
            "longest": LONGEST,
            "analyzer": "char_wb, lower case, alternating signs, length 1",
        }
        signs = self._projection > 0
        named = json.dumps(facts, sort_keys=True).encode() + np.packbits(signs).tobytes()
        return sha256(named).hexdigest()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """Embeddings [N, 256] of length 1, in half precision; an empty text is all zeros."""
        found = np.zeros((len(texts), DIMENSION), dtype=np.float16)
        for start in range(0, len(texts), BATCH):
            some = [text[:LONGEST] for text in texts[start : start + BATCH]]
            rows = self._count.transform(some) @ self._projection
            lengths = np.linalg.norm(rows, axis=1, keepdims=True)
            found[start : start + len(some)] = rows / np.maximum(lengths, 1e-12)
        return found

    @cached_property
    def _projection(self) -> NDArray[np.float32]:
        # RandomState, whose stream is frozen for ever; a Generator's may change with NumPy.
        signs = np.random.RandomState(SEED).randint(0, 2, size=(FEATURES, DIMENSION))
        return np.asarray(signs * 2 - 1, dtype=np.float32)
