"""An answer as the forms of the bench send it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import get_args

from django.core.signing import BadSignature
from django.http import QueryDict

from annotations.actions.submit_review import Answer, submit_review
from annotations.models import Review
from annotations.web.box_forms import Draft, boxes_meant, rows_in
from annotations.web.contexts.bench import STARTED
from annotations.web.door import MemberRequest, uuid_of
from reviewhub.common.errors import InvalidInput, JsonDict

REASON = re.compile(r"[a-z-]{1,40}")


def store(request: MemberRequest, draft: Draft | None) -> Review:
    """Store the answer that was posted; raises what `submit_review` raises, and InvalidInput."""
    form = request.POST
    return submit_review(
        project=request.project,
        entry_uid=uuid_of(form.get("entry"), "entry"),
        reviewer=request.user,
        verdict=_verdict(form.get("verdict")),
        label_key=form.get("label", ""),
        boxes=_boxes(form, draft),
        reason=_reason(form.get("reason", "")),
        token=uuid_of(form.get("token"), "token"),
        seconds=seconds_in(form, request.now),
        now=request.now,
    )


def draft_in(form: QueryDict) -> Draft | None:
    """What was typed about boxes; the page keeps it whatever becomes of the answer."""
    if form.get("verdict") != "boxes":
        return None
    return Draft(form.get("entry", ""), rows_in(form))


def seconds_in(form: QueryDict, now: datetime) -> float:
    """Seconds on the screen as the browser measured them, if they can be true.

    Otherwise those since the item was fetched, from the signed time of the form: of an item that
    was fetched ahead they are too many, but without a script nothing is.
    """
    elapsed = _elapsed(form.get("started", ""), now)
    try:
        measured = float(form.get("seconds", ""))
    except ValueError:
        return elapsed
    return measured if 0 <= measured <= elapsed else elapsed


def _elapsed(started: str, now: datetime) -> float:
    try:
        return (now - datetime.fromisoformat(STARTED.unsign(started))).total_seconds()
    except (BadSignature, ValueError) as error:
        raise InvalidInput(
            errors=[{"field": "started", "message": "is not the time this page was made"}]
        ) from error


def _boxes(form: QueryDict, draft: Draft | None) -> list[JsonDict] | None:
    return None if draft is None else boxes_meant(form, draft.rows)


def _reason(text: str) -> str:
    """A code as our buttons send it; whether it is there is for the action to say."""
    if text and not REASON.fullmatch(text):
        raise InvalidInput(errors=[{"field": "reason", "message": "is none of our codes"}])
    return text


def _verdict(text: str | None) -> Answer:
    for known in get_args(Answer):
        if text == known:
            verdict: Answer = known
            return verdict
    raise InvalidInput(errors=[{"field": "verdict", "message": f"one of {get_args(Answer)}"}])
