from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings

from annotations.actions.join_entries import join_entries
from annotations.domain.blind import shown_blind
from annotations.domain.priority import AUDIT_DUE, virtual_deadline
from annotations.domain.queueing import QueueCandidate, earlier_of, moment_in, one_an_item
from annotations.domain.routing import Rules
from annotations.domain.states import EntryState
from annotations.models import Project, QueueEntry, ReviewPolicy
from annotations.queries.versions import newest_review_policy
from reviewhub.common import tally
from reviewhub.common.bulk import insert
from reviewhub.common.errors import JsonDict
from reviewhub.common.ids import uuid7s
from reviewhub.statistics.sampling import keyed_uniform


def queue_items(
    *,
    project: Project,
    taxonomy_id: int,
    rules: Rules,
    candidates: Sequence[QueueCandidate],
    now: datetime,
) -> Counter[str]:
    """Queue each candidate's item once under the taxonomy in force; what to add to the counters.

    In the caller's transaction. Audits always enter. Of the others, the day's cap lets in the
    dearest first and holds the rest back, on record. An item that has an entry already stays that
    one entry: `join_entries`.
    """
    if not candidates:
        return Counter()
    candidates = one_an_item(candidates)
    policy = newest_review_policy(project)
    held_back = _beyond_the_cap(project, taxonomy_id, rules, candidates, now)
    ordered = sorted(candidates, key=lambda each: each.item_id)
    rows = [
        _entry(
            each,
            uid=uid,
            project=project,
            policy=policy,
            rules=rules,
            is_held_back=each.prediction_id in held_back,
            now=now,
        )
        for each, uid in zip(ordered, uuid7s(len(ordered)), strict=True)
    ]
    entered = insert(
        QueueEntry,
        rows,
        constants={
            "project_id": project.pk,
            "taxonomy_id": taxonomy_id,
            "policy_id": policy.pk,
            "is_gold": False,
            "answers_wanted": policy.answers_wanted,
            "answers_given": 0,
            "created_at": now,
            "state_changed_at": now,
        },
        ignore_conflicts=True,
        returning=("item_id", "state", "audited"),
    )
    counted = Counter({"entered": len(entered)})
    for _, state, audited in entered:
        counted[f"state:{state}"] += 1
        counted["let_in"] += state == EntryState.AWAITING_REVIEW and not audited
    new = {item_id for item_id, _, _ in entered}
    waiting = [each for each in candidates if each.item_id not in new]
    if waiting:
        fresh = {row["item_id"]: row for row in rows}
        counted += join_entries(taxonomy_id=taxonomy_id, waiting=waiting, fresh=fresh, now=now)
    return counted


def _beyond_the_cap(
    project: Project,
    taxonomy_id: int,
    rules: Rules,
    candidates: Sequence[QueueCandidate],
    now: datetime,
) -> set[int]:
    """Predictions for whose entries today has no room left; calls at once may each use the last.

    The cap is a brake for people's days, no promise to a database: it is read from the counters,
    without a lock that every batch would wait for. What has an entry already takes no room.
    """
    if rules.daily_cap is None:
        return set()
    day = tally.day_of(now, project.site_time_zone)
    let_in = tally.totals(project.pk, prefix="let_in", day=day).get("let_in", 0)
    others = [each for each in candidates if not each.audited]
    room = max(0, rules.daily_cap - let_in)
    if len(others) <= room:
        return set()
    entries = QueueEntry.objects.filter(
        item__in=[each.item_id for each in others], taxonomy=taxonomy_id
    )
    here = set(entries.values_list("item", flat=True))
    new = [each for each in others if each.item_id not in here]
    new.sort(key=lambda each: -each.expected_cost)
    return {each.prediction_id for each in new[room:]}


def _entry(
    each: QueueCandidate,
    *,
    uid: UUID,
    project: Project,
    policy: ReviewPolicy,
    rules: Rules,
    is_held_back: bool,
    now: datetime,
) -> JsonDict:
    uniform = keyed_uniform(
        settings.REVIEWHUB_DRAW_KEY, "blind", str(project.uid), each.external_id
    )
    blind = shown_blind(audited=each.audited, share=policy.blind_share, uniform=uniform)
    return {
        "uid": uid,
        "item_id": each.item_id,
        "prediction_id": each.prediction_id,
        "state": EntryState.AWAITING_CAPACITY if is_held_back else EntryState.AWAITING_REVIEW,
        "slots_open": 0 if is_held_back else policy.answers_wanted,
        "sort_key": virtual_deadline(
            received=now,
            blind=blind,
            expected_cost=each.expected_cost,
            seconds_per_review=rules.review.seconds,
            hourly_cost=rules.review.hourly_cost,
            due=moment_in(now, each.due),
        ),
        "predicted_key": each.predicted_key,
        "audited": each.audited,
        "only_audit": each.only_audit,
        "due_at": earlier_of(moment_in(now, each.due), now + AUDIT_DUE if each.audited else None),
        "lapses_at": now + AUDIT_DUE if each.audited else None,
        "blind": blind,
    }
