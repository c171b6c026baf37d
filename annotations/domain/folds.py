"""Folds: which items may be learned from, decided once, at intake, for ever."""

from __future__ import annotations

from enum import StrEnum

from reviewhub.statistics.sampling import keyed_uniform

LEARN_SHARE = 0.7
VALIDATE_SHARE = 0.1


class Fold(StrEnum):
    LEARN = "learn"
    VALIDATE = "validate"
    EVALUATE = "evaluate"


def fold_of(key: bytes, *, project: str, group: str) -> Fold:
    """The fold of everything that comes from one source group: learn 70, validate 10, evaluate 20.

    `group` is what could leak from training into evaluation (a lot, a document, a conversation);
    an item without one is a group of its own, by its external id. No row is read and none needs
    to be kept: the same key, project and group always give the same fold, on every machine.
    Changing the key or the shares would move evaluation items into training.
    """
    uniform = keyed_uniform(key, "fold", project, group)
    if uniform < LEARN_SHARE:
        return Fold.LEARN
    return Fold.VALIDATE if uniform < LEARN_SHARE + VALIDATE_SHARE else Fold.EVALUATE
