"""What the script of the workbench asks for: items before their turn, and deeds answered as JSON.

Such a request carries `X-Bench: 1`, and in `X-User` whose page it comes from. Errors are problem
documents, and nobody is sent to a login page: the script keeps what could not be stored, and asks
the person to log in beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.http import HttpResponse, HttpResponseBase
from django.template.loader import get_template
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotations.actions.claim_ahead import claim_ahead
from annotations.actions.leave_bench import put_back
from annotations.domain.words import verdict_word
from annotations.models import Review, Role
from annotations.queries.marks import said_mark
from annotations.queries.versions import labels_in
from annotations.queries.workbench import LEFT, holds
from annotations.web.contexts.bench import BenchEntry
from annotations.web.contexts.desk import desk_of
from annotations.web.contexts.workbench import answered, items_ahead, standing_of, verdict_told
from annotations.web.door import MemberRequest, member, theirs_alone, uuid_of
from reviewhub.common import tally
from reviewhub.common.errors import InvalidInput, JsonDict

ITEM = "annotations/fragments/bench_item.html"
RECENT = "annotations/fragments/recent_answer.html"
CROWDED = 150
"""Rows of a counter that cost more to add up, at each answer, than to fold once. The worker folds
too, but a crowd gives thousands of answers in between."""
MOST_HAD = 100
"""Items that a browser may say it has: three ahead, and what waits in its outbox."""


@never_cache
@require_GET
@member(Role.REVIEWER)
def ahead(request: MemberRequest) -> HttpResponseBase:
    """Items for later, and what of those that the browser has is not its any more."""
    return as_json({**following(request, had(request.GET.get("have", ""))), **standing(request)})


@require_POST
@member(Role.REVIEWER)
def leave(request: MemberRequest) -> HttpResponseBase:
    """The page is left: what was fetched ahead goes to colleagues at once.

    A beacon carries no headers: whose page it was stands in the form.
    """
    theirs_alone(request, request.POST.get("user"))
    put_back(
        project=request.project,
        reviewer=request.user,
        keep=had(request.POST.get("keep", "")),
        now=request.now,
    )
    return HttpResponse(status=204)


def stored(request: MemberRequest, review: Review) -> HttpResponse:
    """The answer to an answer: what was stored, and the item that takes the free place."""
    return as_json(
        {
            "review": review.uid,
            "entry": review.entry.uid,
            "verdict": verdict_told(review),
            "message": saved(request, review),
            "recent": _recent(request, review),
            **_next(request),
            **standing(request),
        }
    )


def taken_back(request: MemberRequest, undone: Review, message: str) -> HttpResponse:
    """The answer to an undo: the item again, unless a colleague has it by now."""
    entry_id, review = undone.entry_id, undone.supersedes
    item = _items(request, [entry_id])[0] if holds(request.user, entry_id) else None
    uid = review.uid if review else None
    return as_json({"message": message, "review": uid, "item": item, **standing(request)})


def saved(request: MemberRequest, review: Review) -> str:
    """“Saved: Good”; of a blind answer never whether the model had said the same."""
    labels = labels_in(request.project, review.entry.taxonomy_id)
    said = said_mark(labels, review.label_key, review.answer).name
    return gettext("Saved: %(said)s") % {"said": said or gettext(verdict_word(review.verdict))}


def following(request: MemberRequest, have: Sequence[UUID]) -> JsonDict:
    found = claim_ahead(project=request.project, reviewer=request.user, have=have, now=request.now)
    return {"items": _items(request, found.fresh), "gone": found.gone}


def standing(request: MemberRequest) -> JsonDict:
    """What the header line says; where many answer at once, the sum behind it is kept short."""
    told = standing_of(request.project, request.user, request.now)
    if told.rows > CROWDED:
        tally.fold_level(request.project.pk, LEFT)
    # PostgreSQL adds whole numbers up to a decimal, which JSON would say as a text.
    return {"today": int(told.today), "left": int(told.left)}


def had(text: str) -> list[UUID]:
    """The UUIDs of a comma list."""
    names = [name for name in text.split(",") if name]
    if len(names) > MOST_HAD:
        raise InvalidInput(errors=[{"field": "have", "message": f"at most {MOST_HAD}"}])
    return [uuid_of(name, "have") for name in names]


def _next(request: MemberRequest) -> JsonDict:
    """Nothing for an answer that another project's page sends from its outbox: nobody looks."""
    have = request.POST.get("have")
    return {"items": [], "gone": []} if have is None else following(request, had(have))


def as_json(document: JsonDict) -> HttpResponse:
    body = msgspec.json.encode(document, enc_hook=str.__str__)  # of HTML, which is a kind of str
    return HttpResponse(body, content_type="application/json")


def _items(request: MemberRequest, entry_ids: Sequence[int]) -> list[JsonDict]:
    entries = items_ahead(request.project, entry_ids, request.user, request.now)
    return [{"entry": entry.uid, "html": _item(request, entry)} for entry in entries]


def _item(request: MemberRequest, entry: BenchEntry) -> str:
    """Without the page around it, and so without its token: the script sends that as a header."""
    desk = desk_of(request.project, request.user)
    return get_template(ITEM).render({"page": desk, "desk": desk, "entry": entry})


def _recent(request: MemberRequest, review: Review) -> str:
    return get_template(RECENT).render({"answer": answered(request.project, review)})
