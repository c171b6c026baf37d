"""Members, keys and webhooks of a project, as the settings page lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from annotations.queries.admission import Project
from annotations.queries.people import keys_of, members_of
from annotations.queries.webhooks import endpoints_of
from reviewhub.common.pages import Badge, Link


@dataclass(frozen=True)
class Line:
    cells: Sequence[str]
    badge: Badge | None = None


@dataclass(frozen=True)
class Table:
    id: str
    title: str
    lede: str
    heads: Sequence[str]
    rows: Sequence[Line]
    empty_text: str
    link: Link | None = None


def members(project: Project) -> Table:
    return Table(
        id="members",
        title="Members",
        lede="Operators add members in the admin or by a command.",
        heads=["Name", "Role", "Since"],
        rows=[
            Line([one.name, one.role, f"{one.since:%d %b %Y}"]) for one in members_of(project.pk)
        ],
        empty_text="Nobody yet.",
    )


def keys(project: Project) -> Table:
    return Table(
        id="keys",
        title="API keys",
        lede="Only a prefix and a hash are kept; a secret is shown once, when it is issued.",
        heads=["Name", "Prefix", "May", "Expires", "Last used", "State"],
        rows=[
            Line(
                [
                    one.name,
                    one.prefix,
                    ", ".join(one.verbs),
                    f"{one.expires_at:%d %b %Y}",
                    one.used,
                ],
                Badge("", "revoked") if one.revoked else Badge("positive", "active"),
            )
            for one in keys_of(project.pk)
        ],
        empty_text="No client has a key yet.",
    )


def webhooks(project: Project) -> Table:
    return Table(
        id="webhooks",
        title="Webhooks",
        lede="Clients register them through the API; every event is signed and retried.",
        heads=["Address", "Events", "State"],
        rows=[
            Line(
                [one.url, ", ".join(one.events)],
                Badge("positive", "active"),
            )
            for one in endpoints_of(project.pk)
        ],
        empty_text="No webhook is registered.",
        link=Link("What was sent to them", reverse("annotations:deliveries", args=[project.slug])),
    )
