"""The trained part on top of a frozen backbone: standardise, clip, one linear layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import special
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

CLIP = 6.0
_FLOOR = 0.1
_NEVER = -30.0


@dataclass(frozen=True)
class Head:
    """logits = W clip((x - mean) / std, -6, 6) + b, for embeddings x; float32 throughout."""

    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, embeddings: NDArray[Any]) -> Floats:
        """Scores [N, K] before temperature and softmax."""
        z = np.clip((embeddings.astype(np.float32) - self.mean) / self.std, -CLIP, CLIP)
        return np.asarray(z @ self.weight.T + self.bias, dtype=np.float64)

    def probabilities(self, embeddings: NDArray[Any], *, temperature: float = 1.0) -> Floats:
        return np.asarray(special.softmax(self.logits(embeddings) / temperature, axis=1))

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> Self:
        return cls(**{field.name: tensors[field.name] for field in fields(cls)})


def fit_head(
    embeddings: NDArray[Any],
    labels: Labels,
    *,
    classes: int,
    weights: Floats,
    inverse_penalty: float,
) -> Head:
    """Multinomial logistic regression by L-BFGS on standardised, clipped embeddings.

    Deterministic. `weights` sum to the number of examples. Labels without an example keep a row
    of zeros and a bias so low that the head never gives them as its answer.
    """
    mean, std = _moments(embeddings, weights)
    z = np.clip((embeddings.astype(np.float64) - mean) / std, -CLIP, CLIP)
    model = LogisticRegression(C=inverse_penalty, max_iter=500, tol=1e-5)
    model.fit(z, labels, sample_weight=weights)
    weight, bias = _all_rows(model, classes, width=z.shape[1])
    single = (part.astype(np.float32) for part in (mean, std, weight, bias))
    return Head(*single)


def _moments(embeddings: NDArray[Any], weights: Floats) -> tuple[Floats, Floats]:
    """Weighted mean and standard deviation, the latter floored at a tenth of its median.

    Features that are nearly constant here may not be so on other items: unfloored, they reach
    values in the hundred thousands there and drown all others.
    """
    values = embeddings.astype(np.float64)
    share = weights / weights.sum()
    mean = share @ values
    std = np.sqrt(share @ (values - mean) ** 2)
    floor = max(_FLOOR * float(np.median(std)), 1e-6)
    return mean, np.maximum(std, floor)


def _all_rows(model: Any, classes: int, *, width: int) -> tuple[Floats, Floats]:
    """One row per class; scikit-learn keeps one row for two classes, none for the absent."""
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coefficients = np.concatenate([-coefficients / 2, coefficients / 2])
        intercepts = np.concatenate([-intercepts / 2, intercepts / 2])
    weight, bias = np.zeros((classes, width)), np.full(classes, _NEVER)
    weight[model.classes_], bias[model.classes_] = coefficients, intercepts
    return weight, bias
