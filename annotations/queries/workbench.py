"""What one reviewer's bench shows: the item held, what was answered, what is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from annotations.models import Assignment, AssignmentState, QueueEntry, Review, Route, User

RECENT = 10


def entry_on_bench(assignment: Assignment) -> QueueEntry:
    """The entry of a lease with all that the page shows of it, in two queries."""
    return (
        QueueEntry.objects.select_related("item__content__image", "prediction", "taxonomy")
        .prefetch_related("taxonomy__labels")
        .get(pk=assignment.entry_id)
    )


def reasons_of(entry: QueueEntry) -> list[dict[str, object]]:
    """Every reason that ever queued the entry's prediction, as the routes recorded them."""
    routes = Route.objects.filter(prediction=entry.prediction_id).order_by("sequence")
    return [reason for reasons in routes.values_list("reasons", flat=True) for reason in reasons]


def recent_reviews(project_id: int, reviewer: User, limit: int = RECENT) -> Sequence[Review]:
    """The reviewer's latest effective answers, newest first."""
    return list(
        Review.objects.filter(reviewer=reviewer, entry__project=project_id, effective=True)
        .select_related("entry__item__content__image")
        .order_by("-created_at", "-id")[:limit]
    )


def answered_since(project_id: int, reviewer: User, since: datetime) -> int:
    """Effective answers, skips left out."""
    return (
        Review.objects.filter(
            reviewer=reviewer, entry__project=project_id, effective=True, created_at__gte=since
        )
        .exclude(verdict="skipped")
        .count()
    )


def waiting_for(project_id: int, reviewer: User) -> int:
    """Entries this person could still be given, what they hold included."""
    return _open_to(project_id, reviewer).count()


def next_image_uid(project_id: int, reviewer: User) -> str | None:
    """The image that would be claimed next, for decoding ahead; nobody's claim is touched."""
    following = _open_to(project_id, reviewer).filter(slots_open__gt=0).order_by("sort_key", "id")
    uid = following.values_list("item__content__image__uid", flat=True).first()
    return str(uid) if uid else None


def _open_to(project_id: int, reviewer: User) -> QuerySet[QueueEntry]:
    answered = Review.objects.filter(entry=OuterRef("pk"), reviewer=reviewer, effective=True)
    held = Assignment.objects.filter(
        entry=OuterRef("pk"), reviewer=reviewer, state=AssignmentState.HELD
    )
    entries = QueueEntry.objects.filter(project=project_id, state="awaiting_review")
    free_or_held = entries.filter(slots_open__gt=0) | entries.filter(Exists(held))
    return free_or_held.filter(~Exists(answered))
