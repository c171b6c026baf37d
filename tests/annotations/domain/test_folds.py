from __future__ import annotations

from collections import Counter
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.folds import Fold, fold_of

KEY = b"published test key"

# Published in docs/adr/0003: whoever changes one of these moves items between folds for ever.
PROJECT = "0190a6b0-7c00-7000-8000-000000000001"
VECTORS = [
    (PROJECT, "Größe 10µm", Fold.LEARN),
    ("a", "bc", Fold.LEARN),
    ("ab", "c", Fold.LEARN),
    (PROJECT, "", Fold.LEARN),
    (PROJECT, "lot 0", Fold.LEARN),
    (PROJECT, "lot 1", Fold.LEARN),
    (PROJECT, "lot 2", Fold.EVALUATE),
    (PROJECT, "lot 3", Fold.LEARN),
    (PROJECT, "lot 4", Fold.VALIDATE),
    (PROJECT, "lot 5", Fold.EVALUATE),
    (PROJECT, "lot 8", Fold.EVALUATE),
    (PROJECT, "lot 12", Fold.VALIDATE),
    (PROJECT, "lot 25", Fold.VALIDATE),
]


@pytest.mark.parametrize(("project", "group", "fold"), VECTORS)
def test_published_vectors_stand(project, group, fold):
    assert fold_of(KEY, project=project, group=group) == fold


def test_shares_are_70_10_20():
    size = 20_000
    counts = Counter(fold_of(KEY, project="p", group=f"lot {number}") for number in range(size))
    for fold, share in ((Fold.LEARN, 0.7), (Fold.VALIDATE, 0.1), (Fold.EVALUATE, 0.2)):
        # Four standard deviations: a right hash fails once in 16,000 keys, and the key is fixed.
        assert abs(counts[fold] - size * share) < 4 * sqrt(size * share * (1 - share))


@given(key=st.binary(min_size=1), project=st.text(), group=st.text())
def test_asking_again_gives_the_same_fold(key, project, group):
    one, other = (fold_of(key, project=project, group=group) for _ in range(2))
    assert one == other


def test_projects_and_keys_are_split_apart():
    groups = [str(number) for number in range(200)]
    here = [fold_of(KEY, project="here", group=group) for group in groups]
    assert here != [fold_of(KEY, project="there", group=group) for group in groups]
    assert here != [fold_of(b"other key", project="here", group=group) for group in groups]
