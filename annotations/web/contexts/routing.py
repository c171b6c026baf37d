from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from django.urls import reverse

from annotations.domain.routing import ReasonName
from annotations.domain.words import reason_name, reason_text
from annotations.models import Item, Label, Project
from annotations.queries.changed_sides import are_listed
from annotations.queries.items import items_by_uid
from annotations.queries.marks import label_mark, labels_of, media_url
from annotations.queries.policies import taxonomy_with_labels
from annotations.web.contexts.expected_misses import Line, amount, expected_misses
from annotations.web.contexts.jobs import STATES
from annotations.web.routing_form import RulesForm
from reviewhub.common.models import Job, JobState
from reviewhub.common.pages import Badge, LabelMark, Link, many

WIDTH = 600.0
LISTED = 12
"""Items that the page names of those that change sides; all of them are in the table."""
PATTERNS = ("", "stripes", "dots")
"""Every further group of four colours adds a pattern, as in the tokens."""
COLOURS = {name: at for at, name in enumerate(get_args(ReasonName), start=1)}


@dataclass(frozen=True)
class Segment:
    """One reason's part of a bar; `x` and `width` are 0 to 600."""

    x: float
    width: float
    colour_index: int
    pattern: str


@dataclass(frozen=True)
class Bar:
    id: str
    name: str
    segments: Sequence[Segment]
    text: str


@dataclass(frozen=True)
class Changed:
    url: str
    thumb_url: str
    external_id: str
    label: LabelMark | None
    text: str


@dataclass(frozen=True)
class Changes:
    id: str
    title: str
    lede: str
    rows: Sequence[Changed]


@dataclass(frozen=True)
class DayLine:
    day: str
    predictions: str
    now: str
    new: str


@dataclass(frozen=True)
class Result:
    sentence: str
    bars: Sequence[Bar]
    lines: Sequence[Line]
    changes: Sequence[Changes]
    by_day: Sequence[DayLine]
    table_url: str
    table_text: str


@dataclass(frozen=True)
class SimulationPart:
    """`live_url` is empty unless the replay is still on its way."""

    badge: Badge | None = None
    live_url: str = ""
    progress: float | None = None
    text: str = ""
    error: str = ""
    cancel_url: str = ""
    result: Result | None = None


@dataclass(frozen=True)
class RoutingPage:
    form: RulesForm
    simulation: SimulationPart
    simulate_url: str
    save_url: str
    save_label: str
    crumbs: Sequence[Link]
    title: str
    lede: str = (
        "Change the numbers, try them on what is on record, and put them in force when they "
        "please. What was decided before keeps the policy it was decided under."
    )


def routing_page(project: Project, *, number: int, form: RulesForm, job: Job | None) -> RoutingPage:
    slug = [project.slug]
    return RoutingPage(
        form=form,
        simulation=simulation_part(project, job),
        simulate_url=reverse("annotations:simulate", args=slug),
        save_url=reverse("annotations:save-routing", args=slug),
        save_label=f"Save as policy {number + 1}",
        crumbs=[Link("Settings", reverse("training:settings", args=slug))],
        title=f"Routing policy {number}",
    )


def simulation_part(project: Project, job: Job | None) -> SimulationPart:
    if job is None:
        return SimulationPart()
    active = job.state in (JobState.QUEUED, JobState.RUNNING)
    return SimulationPart(
        badge=STATES[JobState(job.state)],
        live_url=_address(project, job) if active else "",
        progress=min(1.0, job.done / job.total) if job.total and active else None,
        text=job.message,
        error=job.error,
        cancel_url=reverse("annotations:cancel-job", args=[project.slug, job.uid])
        if active and job.cancel_requested_at is None
        else "",
        result=_result(project, job, job.result) if job.result else None,
    )


def _address(project: Project, job: Job) -> str:
    return f"{reverse('annotations:routing', args=[project.slug])}?job={job.uid}"


def _result(project: Project, job: Job, told: Mapping[str, Any]) -> Result:
    has_positives = any(label.is_positive for label in taxonomy_with_labels(project).labels.all())
    return Result(
        sentence=_sentence(told),
        bars=list(_bars(told)),
        lines=[
            *_reasons(told),
            *_figures(told, "missed findings" if has_positives else "mistakes"),
        ],
        changes=_changes(project, told),
        by_day=[
            DayLine(day["day"], *(f"{day[key]:,.0f}" for key in ("predictions", "now", "new")))
            for day in told["by_day"]
        ],
        table_url=_table_address(project, job) if are_listed(job) else "",
        table_text="All of them as a table (CSV)"
        if told["share"] == 1
        else "All that were found among the replayed, as a table (CSV)",
    )


def _table_address(project: Project, job: Job) -> str:
    return f"{reverse('annotations:simulation-changes', args=[project.slug])}?job={job.uid}"


def _sentence(told: Mapping[str, Any]) -> str:
    days = many(told["days"], "day")
    text = f"{told['predictions']:,} predictions of {days}, {told['first_day']}"
    if told["days"] > 1:
        text += f" to {told['last_day']}"
    if told["share"] < 1:
        text += f": {told['share']:.1%} of the items, drawn by chance and scaled up"
    return f"{text}; against policy {told['policy']}. Figures are means of a day."


def _bars(told: Mapping[str, Any]) -> Iterator[Bar]:
    widest = max(sum(told[side]["by_reason"].values()) for side in ("now", "new")) or 1.0
    for side, name in (("now", "in force"), ("new", "changed")):
        at, segments, words = 0.0, [], []
        for reason, number in _ordered(told[side]["by_reason"]):
            width = number / widest * WIDTH
            colour = COLOURS[reason]
            segments.append(Segment(at, width, colour, PATTERNS[(colour - 1) // 4]))
            words.append(f"{reason_name(reason)} {amount(number)}")
            at += width
        yield Bar(side, name, segments, f"Entries a day, {name}: {', '.join(words) or 'none'}")


def _reasons(told: Mapping[str, Any]) -> Iterator[Line]:
    now, new = told["now"]["by_reason"], told["new"]["by_reason"]
    for reason, _ in _ordered({**now, **new}):
        name = reason_name(reason).capitalize()
        amounts = amount(now.get(reason, 0)), amount(new.get(reason, 0))
        if amounts != ("0", "0"):
            yield Line(name, *amounts, colour_index=COLOURS[reason])


def _figures(told: Mapping[str, Any], mistakes: str) -> Iterator[Line]:
    now, new = told["now"], told["new"]
    if now["held_back"] or new["held_back"]:
        yield Line("Held back by the cap", amount(now["held_back"]), amount(new["held_back"]))
    yield Line("Entries", amount(now["entries"]), amount(new["entries"]), strong=True)
    yield Line("Audits among them", amount(now["audits"]), amount(new["audits"]))
    yield Line("Hours of review", f"{now['hours']:,.1f}", f"{new['hours']:,.1f}")
    yield Line("Money", f"{now['money']:,.0f}", f"{new['money']:,.0f}")
    yield Line("Accepted unseen", amount(now["accepted"]), amount(new["accepted"]))
    name = f"Expected {mistakes} among the accepted"
    yield from expected_misses(name, now["misses"], new["misses"])


def _changes(project: Project, told: Mapping[str, Any]) -> Sequence[Changes]:
    parts = told["to_people"], told["to_accepted"]
    uids = [each["item"] for part in parts for each in part["items"][:LISTED]]
    items = items_by_uid(project.pk, uids)
    labels = labels_of(project.pk)
    rows = [
        [
            _changed(project, items[each["item"]], each, labels)
            for each in part["items"][:LISTED]
            if each["item"] in items
        ]
        for part in parts
    ]
    return [
        Changes(
            "to-people",
            f"{many(parts[0]['count'], 'item')} would newly go to people",
            _named(parts[0]["count"], rows[0]),
            rows[0],
        ),
        Changes(
            "to-accepted",
            f"{many(parts[1]['count'], 'item')} would no longer",
            _named(parts[1]["count"], rows[1]),
            rows[1],
        ),
    ]


def _named(count: int, rows: Sequence[Changed]) -> str:
    if not rows:
        return "None, but for audits, which are drawn anew."
    return "The dearest first." if count > len(rows) else ""


def _changed(
    project: Project, item: Item, told: Mapping[str, Any], labels: Mapping[str, Label]
) -> Changed:
    why = "; ".join(reason_text(reason) for reason in told["reasons"])
    return Changed(
        url=reverse("training:item", args=[project.slug, item.uid]),
        thumb_url=media_url(project, item, "thumbnail"),
        external_id=item.external_id,
        label=label_mark(labels, told["label"]) if told["label"] else None,
        text=f"{told['confidence']:.2f} · {why}",
    )


def _ordered(by_reason: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(by_reason.items(), key=lambda pair: COLOURS[pair[0]])
