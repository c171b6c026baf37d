from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from annotations.queries.learning import (
    ApprovedAnnotation,
    approved_annotations,
    taxonomy_in_force,
)
from annotations.queries.routed import Watch
from training.actions.embed_items import Backbone, embed_items
from training.actions.find_backbone import find_backbone
from training.domain.novelty import Reference, calibrating_items, reference
from training.domain.snapshots import Vectors
from training.errors import NothingLearned
from training.inference.texts import TextEmbedder
from training.models import ModelVersion
from training.queries.champion import champion_of
from training.queries.embeddings import embeddings_of
from training.queries.snapshot_rows import snapshot_rows

LEARNED_ENOUGH = 200
"""Approved items that can stand for a training set which a client never showed us."""

LEARNED_AT_MOST = 20_000
HELD_OUT_AT_MOST = 2_000
"""Beyond these a fixed random share stands for all: 20,000 vectors take 100 MB."""

Report = Callable[[float, str], None]
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Learned:
    """What the project's model knows, ready to compare with, and what embeds new items."""

    backbone: Backbone
    reference: Reference
    words: str

    @property
    def is_usable(self) -> bool:
        """Whether the backbone is still on this machine."""
        return isinstance(self.backbone, TextEmbedder) or self.backbone.onnx.is_file()


@dataclass(frozen=True)
class _Source:
    words: str
    learned: Sequence[int]
    held_out: Sequence[int]


KEPT = 4
_remembered: dict[str, tuple[tuple[str, ...], Learned]] = {}
"""What this process knew last, of KEPT projects: making it takes seconds, and it rarely changes."""


def know_learned(*, watch: Watch, p_value: float, report: Report, clock: Clock) -> Learned:
    """The embeddings of what the champion learned, and how far ordinary items are from them.

    The learn fold of the champion's snapshot is what is known; ordinary are the validate fold of
    the snapshot and the evaluate fold of the same time. A client's model that we never trained
    has no snapshot of ours: then the approved items of the learn fold stand for what it learned,
    renewed every hour, and those of the other folds for what is ordinary. Nothing is trained here.
    Raises NothingLearned, and what `find_backbone` raises.
    """
    champion = champion_of(watch.project_id)
    hour = clock().replace(minute=0, second=0, microsecond=0).isoformat()
    version = f"snapshot {champion.snapshot.uid}" if champion else hour
    name, key = str(watch.project_uid), (version, str(p_value))
    kept = _remembered.get(name)
    if kept is not None and kept[0] == key and kept[1].is_usable:
        return kept[1]
    # Before the backbone: exporting one for a project that has to wait would be for nothing.
    source = _source(watch, champion)
    backbone = find_backbone(watch=watch, champion=champion, now=clock())
    if champion and champion.backbone_digest != backbone.digest:
        raise NothingLearned(f"Model {champion} was trained on another backbone than is here.")
    learned = _compare(source, backbone, p_value, report, clock)
    _remember(name, key, learned)
    return learned


def _remember(name: str, key: tuple[str, ...], learned: Learned) -> None:
    _remembered.pop(name, None)
    while len(_remembered) >= KEPT:
        del _remembered[next(iter(_remembered))]
    _remembered[name] = key, learned


def _source(watch: Watch, champion: ModelVersion | None) -> _Source:
    return _of_champion(champion) if champion else _of_approved(watch)


def _of_champion(champion: ModelVersion) -> _Source:
    snapshot = champion.snapshot
    members = snapshot_rows(snapshot)
    exam = approved_annotations(champion.project_id, snapshot.taxonomy_id, upto=snapshot.created_at)
    held_out = [row.item_id for row in members if row.fold == "validate"]
    return _Source(
        words=f"what model {champion} learned",
        learned=_some([row.item_id for row in members if row.fold == "learn"], LEARNED_AT_MOST),
        held_out=_some(held_out + _in_folds(exam, "evaluate"), HELD_OUT_AT_MOST),
    )


def _of_approved(watch: Watch) -> _Source:
    approved = approved_annotations(watch.project_id, taxonomy_in_force(watch.project_id).id)
    learned = _in_folds(approved, "learn")
    if len(learned) < LEARNED_ENOUGH:
        raise NothingLearned(
            "No model was trained here yet; without one, "
            f"{LEARNED_ENOUGH} approved items of the learn fold are needed. "
            f"There are {len(learned)}."
        )
    return _Source(
        words="approved items, as no model was trained here yet",
        learned=_some(learned, LEARNED_AT_MOST),
        held_out=_some(_in_folds(approved, "validate", "evaluate"), HELD_OUT_AT_MOST),
    )


def _in_folds(approved: Sequence[ApprovedAnnotation], *folds: str) -> list[int]:
    return [one.item_id for one in approved if one.fold in folds and one.outcome == "label"]


def _some(item_ids: Sequence[int], at_most: int) -> list[int]:
    if len(item_ids) <= at_most:
        return list(item_ids)
    chance = np.random.default_rng(0)
    return sorted(int(one) for one in chance.choice(item_ids, size=at_most, replace=False))


def _compare(
    source: _Source, backbone: Backbone, p_value: float, report: Report, clock: Clock
) -> Learned:
    wanted = [*source.learned, *source.held_out]
    embed_items(item_ids=wanted, backbone=backbone, report=report, clock=clock)
    vectors = embeddings_of(wanted, backbone_digest=backbone.digest)
    learned, held_out = _rows(source.learned, vectors), _rows(source.held_out, vectors)
    if len(learned) < 2:
        raise NothingLearned(f"Of {source.words}, next to nothing can be read any more.")
    known = reference(learned, held_out, p_value=p_value)
    if known.least_p_value > p_value:
        needed = calibrating_items(p_value)
        raise NothingLearned(
            f"A p-value of {p_value:g} takes {needed:,} ordinary items to compare with; "
            f"there are {known.ordinary.size:,}."
        )
    kind = "items held out" if known.held_out else "the same, each left out once"
    ordinary = f"{known.ordinary.size:,} {kind}"
    return Learned(
        backbone=backbone,
        reference=known,
        words=f"{source.words}: {len(learned):,} items; ordinary: {ordinary}",
    )


def _rows(item_ids: Sequence[int], vectors: Vectors) -> list[NDArray[np.float16]]:
    return [vectors[item_id] for item_id in item_ids if item_id in vectors]
