"""Items as clients go through them."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.door import Access, ProjectView
from annotations.api.paging import filters_of, limit_of, page_answer
from annotations.models import Item, Role, Verb
from annotations.queries.items import ItemFilter, items_page
from reviewhub.common.errors import JsonDict
from reviewhub.common.pages import cursor_of


class Items(ProjectView):
    """GET items, newest first; `external_id` finds those whose name begins so.

    Not for reviewers: what is settled of an item would tell them what to say of it.
    """

    access = {"get": Access((Verb.PREDICT, Verb.LABEL), Role.LEAD)}

    def get(self, request: Request, slug: str) -> Response:
        filters = filters_of(request, "external_id", "state", "fold")
        cursor, limit = cursor_of(request.query_params), limit_of(request)
        part = items_page(self.project.pk, ItemFilter(**filters), cursor, limit)
        return page_answer(request, "items", part, _told, filters)


def _told(item: Item) -> JsonDict:
    entry = next(reversed(item.queue_entries.all()), None)
    annotation = next(iter(item.annotations.all()), None)
    return {
        "item": str(item.uid),
        "external_id": item.external_id,
        "source_group": item.source_group,
        "fold": item.fold,
        "slices": item.slices,
        "captured_at": item.captured_at.isoformat() if item.captured_at else None,
        "received_at": item.received_at.isoformat(),
        "state": entry.state if entry else None,
        "due_at": entry.due_at.isoformat() if entry and entry.due_at else None,
        "outcome": annotation.outcome if annotation else None,
        "label": (annotation.label_key or None) if annotation else None,
        "boxes": (annotation.answer or {}).get("boxes") if annotation else None,
        "approved": annotation is not None and annotation.relied_on,
    }
