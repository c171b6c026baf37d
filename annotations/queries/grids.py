"""What a grid is made of, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from annotations.domain.grid import (
    NOTHING_KNOWN,
    Allowance,
    Evidence,
    Known,
    Why,
    allowance,
)
from annotations.models import Label, Project, ProjectKind, ReviewPolicy, Taxonomy, User
from annotations.queries.policies import taxonomy_with_labels
from annotations.queries.workbench import OPEN
from reviewhub.common import tally
from reviewhub.common.statements import Statement

LATEST = 2_000
"""Entries that are looked back at: enough to be sure of a label, few enough to follow the model."""

KNOWN = 1_000
"""Entries, and imported items, among which gold is looked for: the latest."""

AHEAD = 1_000
"""Entries of the queue that are looked at to say how many of a label wait."""


class _Answered(NamedTuple):
    label: str
    answers: int
    kept: int | None


class _Waiting(NamedTuple):
    label: str
    entries: int


class _Candidate(NamedTuple):
    item_id: int
    label: str
    seen: bool


# Subqueries in the place of values are asked row by row, by index: for a join, PostgreSQL would
# rather read all reviews there ever were.

# One trial an item, however many people answered it: opinions about one item are not independent.
_ANSWERED = Statement(
    f"""
    SELECT label, COUNT(kept), SUM(kept)
    FROM (
        SELECT entry.predicted_key AS label, (
            SELECT MIN(CASE WHEN review.verdict = 'confirmed' THEN 1 ELSE 0 END)
            FROM annotations_review review
            WHERE review.entry_id = entry.id AND review.effective AND review.verdict <> 'skipped'
                AND (review.reviewer_id <> %(person)s OR review.created_at < %(today)s)
        ) AS kept
        FROM (
            SELECT id, predicted_key FROM annotations_queueentry
            WHERE project_id = %(project)s AND taxonomy_id = %(taxonomy)s
                AND blind AND NOT only_audit AND answers_given > 0 AND state <> 'withdrawn'
            ORDER BY id DESC LIMIT {LATEST}
        ) entry
    ) item
    GROUP BY label
    """,  # noqa: S608 (a number of this file)
    _Answered,
)

_WAITING = Statement(
    f"""
    SELECT label, COUNT(*)
    FROM (
        SELECT entry.predicted_key AS label, entry.blind, entry.taxonomy_id
        FROM annotations_queueentry entry
        WHERE {OPEN} ORDER BY entry.sort_key, entry.id LIMIT {AHEAD}
    ) ahead
    WHERE NOT blind AND taxonomy_id = %(taxonomy)s
    GROUP BY label
    """,  # noqa: S608 (made of nothing but our own text)
    _Waiting,
)

# Approved, and not replaced since.
_STANDS = """
    (SELECT 1 FROM annotations_approval WHERE annotation_id = annotation.id) IS NOT NULL
    AND (
        SELECT 1 FROM annotations_annotation later
        WHERE later.item_id = annotation.item_id AND later.taxonomy_id = annotation.taxonomy_id
            AND later.number > annotation.number
        LIMIT 1
    ) IS NULL
"""

# Two sources: what several people or a lead decided where the model had said the label; and what
# came with its answer. Only of the fold that no training learns from, by which gold stays out of
# every data set. Nobody is asked about an item that they have judged or decided themselves, or
# whose answer the guideline tells.
_KNOWN = Statement(
    f"""
    SELECT known.item_id, known.label, (
        SELECT 1 FROM annotations_gridcell cell
        JOIN annotations_grid grid ON grid.id = cell.grid_id
        WHERE cell.item_id = known.item_id AND grid.reviewer_id = %(reviewer)s
        LIMIT 1
    ) IS NOT NULL
    FROM (
        SELECT entry.item_id, (
            SELECT annotation.label_key FROM annotations_annotation annotation
            WHERE annotation.entry_id = entry.id AND annotation.outcome = 'label'
                AND annotation.how IN ('consensus', 'adjudicated')
                AND COALESCE(annotation.decided_by_id, 0) <> %(reviewer)s AND {_STANDS}
            LIMIT 1
        ) AS label
        FROM (
            SELECT id, item_id FROM annotations_queueentry
            WHERE project_id = %(project)s AND state = 'approved'
                AND taxonomy_id = %(taxonomy)s AND predicted_key = %(label)s
            ORDER BY state_changed_at DESC LIMIT {KNOWN}
        ) entry
        UNION ALL
        SELECT annotation.item_id, annotation.label_key AS label
        FROM (
            SELECT id, item_id, taxonomy_id, number, label_key FROM annotations_annotation
            WHERE taxonomy_id = %(taxonomy)s AND how = 'imported' AND outcome = 'label'
            ORDER BY id DESC LIMIT {KNOWN}
        ) annotation
        WHERE {_STANDS} AND (annotation.label_key = %(label)s OR (
            SELECT 1 FROM annotations_prediction prediction
            JOIN annotations_predictor predictor ON predictor.id = prediction.predictor_id
            JOIN annotations_taxonomy spoken ON spoken.id = predictor.taxonomy_id
            WHERE prediction.item_id = annotation.item_id AND prediction.label_key = %(label)s
                AND COALESCE(prediction.taxonomy_number, spoken.number) = %(number)s
            LIMIT 1
        ) IS NOT NULL)
    ) known
    WHERE known.label IS NOT NULL
        AND (SELECT item.fold FROM annotations_item item WHERE item.id = known.item_id) = 'evaluate'
        AND (
            SELECT 1 FROM annotations_labelexample pinned
            WHERE pinned.item_id = known.item_id LIMIT 1
        ) IS NULL
        AND (
            SELECT content.image_id FROM annotations_itemcontent content
            WHERE content.item_id = known.item_id
        ) IS NOT NULL
        AND (
            SELECT 1 FROM annotations_queueentry entry
            WHERE entry.item_id = known.item_id AND entry.state <> 'approved' LIMIT 1
        ) IS NULL
        AND (
            SELECT 1 FROM annotations_queueentry entry
            JOIN annotations_review review ON review.entry_id = entry.id
            WHERE entry.item_id = known.item_id AND review.reviewer_id = %(reviewer)s LIMIT 1
        ) IS NULL
    """,  # noqa: S608 (made of nothing but text of this file)
    _Candidate,
)


@dataclass(frozen=True)
class Offer:
    """A label as it may be chosen for a grid; `waiting` is at most what a look ahead found."""

    label: Label
    allowance: Allowance
    waiting: int


@dataclass(frozen=True)
class Offers:
    taxonomy: Taxonomy
    policy: ReviewPolicy
    labels: list[Offer]

    def of(self, key: str) -> Offer | None:
        return next((offer for offer in self.labels if offer.label.key == key), None)


def offers_in(project: Project, person: User, now: datetime) -> Offers:
    """Every label in use, with whether and why it may be judged by the grid; five queries.

    The model is measured where people would have looked anyway: what only an audit brought in is
    easier than the queue, and would flatter it. A person's own answers speak to them from the next
    day on: whoever looked before and after one would see what the model had said of a blind item.
    """
    taxonomy = taxonomy_with_labels(project)
    policy: ReviewPolicy = project.review_policies.order_by("-number")[:1].get()
    where = {"project": project.pk, "taxonomy": taxonomy.pk}
    today = tally.day_begins(now, project.site_time_zone)
    answered = _ANSWERED.all(**where, person=person.pk, today=today)
    known = {row.label: Evidence(int(row.kept or 0), row.answers) for row in answered}
    waiting = {row.label: row.entries for row in _WAITING.all(**where)}
    return Offers(
        taxonomy,
        policy,
        [
            Offer(
                label,
                _allowance(project, policy, label.key, known.get(label.key, NOTHING_KNOWN)),
                waiting.get(label.key, 0),
            )
            for label in taxonomy.labels.all()
        ],
    )


def _allowance(project: Project, policy: ReviewPolicy, key: str, evidence: Evidence) -> Allowance:
    if project.kind != ProjectKind.IMAGE_CLASSIFICATION:
        return Allowance(Why.KIND, evidence)
    return allowance(
        key, named=policy.grid_labels, precision=policy.grid_precision, evidence=evidence
    )


def known_items(project: Project, taxonomy: Taxonomy, label: str, reviewer: User) -> list[Known]:
    """Items whose answer is known, and that the model called so or that are so; one query."""
    rows = _KNOWN.all(
        project=project.pk,
        taxonomy=taxonomy.pk,
        number=taxonomy.number,
        label=label,
        reviewer=reviewer.pk,
    )
    return [Known(row.item_id, odd=row.label != label, seen=row.seen) for row in rows]
