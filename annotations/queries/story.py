"""An item's whole story as far as this app knows it, time downwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.utils import formats
from django.utils.timezone import localtime

from annotations.domain.responses import Response, response_to
from annotations.domain.words import reason_text, reason_word, verdict_word
from annotations.models import (
    Annotation,
    Comment,
    Item,
    Label,
    Prediction,
    QueueEntry,
    Referral,
    Review,
    Route,
)
from annotations.queries.marks import Said, predicted_mark, said_mark
from reviewhub.common.pages import Event, Fact


def story_of(item: Item, labels: Mapping[str, Label], kind: str, *, now: datetime) -> list[Event]:
    """Predictions, routes, queueing, reviews, annotations, approvals, in order of time.

    `item` comes from `item_with_story`; events of the same moment keep the order of the loop.
    """
    events = [
        Event("system", "Received", item.received_at, text=f"In the {item.fold} fold, for ever."),
        *(
            event
            for row in item.predictions.all()
            for event in _predicted(row, labels, kind, item.queue_entries.all())
        ),
        *(event for row in item.queue_entries.all() for event in _queued(row, labels, now)),
        *(event for row in item.annotations.all() for event in _settled(row, labels)),
    ]
    return sorted(events, key=lambda event: event.at)


def _predicted(
    prediction: Prediction,
    labels: Mapping[str, Label],
    kind: str,
    entries: Iterable[QueueEntry],
) -> Iterator[Event]:
    said = predicted_mark(labels, prediction, kind)
    yield Event(
        "model",
        f"{prediction.predictor} predicted",
        prediction.received_at,
        text=_sentence(said, f"Confidence {prediction.confidence:.3f}."),
        label=said.label,
    )
    for route in prediction.routes.all():
        yield _routed(route, entries)


def _routed(route: Route, entries: Iterable[QueueEntry]) -> Event:
    why = "; ".join(reason_text(reason) for reason in route.reasons) or "no rule fired"
    return Event(
        "route",
        f"Routed: {route.outcome}",
        route.created_at,
        text=f"{why.capitalize()}.",
        facts=(
            Fact("Audit probability", f"{route.inclusion_probability:g}"),
            Fact("Draw", f"{route.draw:.4f}, {'drawn' if route.audited else 'not drawn'}"),
            *_audit(route, entries),
            Fact("Policy", route.policy.number),
        ),
    )


def _audit(route: Route, entries: Iterable[QueueEntry]) -> Iterator[Fact]:
    """What came of the draw: it is made once, and later routes repeat it."""
    if not route.audited or route.sequence > 1:
        return
    audited = [entry for entry in entries if entry.audited]
    response = response_to(audited, drawn_at=route.created_at)
    yield Fact("Audit", _RESPONSES[response] if audited else "non-response, seen before the draw")


_RESPONSES = {
    Response.ANSWERED: "answered blind and in time",
    Response.OPEN: "not answered yet",
    Response.MISSING: "non-response, not answered in time",
}


def _queued(entry: QueueEntry, labels: Mapping[str, Label], now: datetime) -> Iterator[Event]:
    shown = "Shown blind: the prediction is hidden." if entry.blind else "Prediction shown."
    yield Event("system", "Queued", entry.created_at, text=shown, facts=tuple(_due(entry, now)))
    for review in entry.reviews.all():
        yield _reviewed(review, labels)
    yield from map(_said, entry.comments.all())
    yield from map(_referred, entry.referrals.all())
    if entry.state == "withdrawn":
        yield Event("system", "Taken out of the queue", entry.state_changed_at)


def _due(entry: QueueEntry, now: datetime) -> Iterator[Fact]:
    if entry.due_at is not None:
        when = formats.date_format(localtime(entry.due_at), "SHORT_DATETIME_FORMAT")
        yield Fact("Answer due", f"{when}, overdue" if entry.is_overdue(now) else when)


def _reviewed(review: Review, labels: Mapping[str, Label]) -> Event:
    seen = "blind" if review.blind else "with the prediction shown"
    why = f" Reason: {reason_word(review.reason)}." if review.reason else ""
    said = said_mark(labels, review.label_key, review.answer)
    many = f", in a grid of {cells}" if (cells := getattr(review, "grid_cells", 0)) else ""
    how = "" if review.verdict == "undone" else f"{review.seconds:.0f} s, {seen}{many}.{why}"
    return Event(
        "person",
        f"{review.reviewer.get_username()}: {verdict_word(review.verdict)}",
        review.created_at,
        text=_sentence(said, how),
        label=said.label,
    )


def _said(comment: Comment) -> Event:
    return Event(
        "person",
        f"{comment.author.get_username()} says",
        comment.created_at,
        text=comment.text or "The words have been erased.",
    )


def _referred(referral: Referral) -> Event:
    by = referral.referred_by.get_username()
    back = f" returned it to {referral.reviewer.get_username()}" if referral.reviewer else ""
    return Event("person", f"{by}{back or ' sent it to the lead'}", referral.created_at)


def _settled(annotation: Annotation, labels: Mapping[str, Label]) -> Iterator[Event]:
    corrects = " It corrects the prediction." if annotation.corrects else ""
    where = f"Annotation {annotation.number} under taxonomy {annotation.taxonomy.number}."
    said = said_mark(labels, annotation.label_key, annotation.answer)
    yield Event(
        "settled",
        f"Settled: {annotation.get_how_display().lower()}",
        annotation.created_at,
        text=_sentence(said, where + corrects),
        label=said.label,
        id=f"annotation-{annotation.pk}",
    )
    approval = getattr(annotation, "approval", None)
    if approval is not None:
        by = approval.approved_by.get_username() if approval.approved_by else approval.policy
        yield Event("settled", "Approved", approval.created_at, text=f"By {by}.")


def _sentence(said: Said, rest: str) -> str:
    """Boxes in words come before the rest; a label is drawn beside the title instead."""
    return f"{said.text[0].upper()}{said.text[1:]}. {rest}" if said.text else rest
