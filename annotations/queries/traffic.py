"""How much came on the days before, which audits of a day are planned from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.db.models import Sum

from annotations.domain import counters
from annotations.domain.routing import INFLUENCE_UNIT, WEEK, DayOfTraffic, Rules
from annotations.models import Project
from annotations.queries.vocabularies import vocabularies_of
from reviewhub.common import tally
from reviewhub.common.models import Tally


def traffic_before(project: Project, day: date, *, rules: Rules) -> list[DayOfTraffic]:
    """The last seven days with traffic before this one, however long ago: a holiday that brought
    nothing says nothing of the day after it.

    Their influence is told where all of the day was weighed as `rules` weigh, with the findings
    that the taxonomy in force names. Five queries.
    """
    days = _busy_days(project, day)
    if not days:
        return []
    since = _weighed_alike_since(project, rules)
    weighed = tally.by_day(project.pk, [counters.INFLUENCE], since=min(days))
    return [
        DayOfTraffic(
            predictions,
            weighed.get((each, counters.INFLUENCE), 0) / INFLUENCE_UNIT
            if since is None or each > since
            else None,
        )
        for each, predictions in sorted(days.items())
    ]


def _busy_days(project: Project, before: date) -> dict[date, int]:
    counted = Tally.objects.filter(project_id=project.pk, name=counters.PREDICTIONS, day__lt=before)
    sums = counted.values_list("day").annotate(sum=Sum("amount")).filter(sum__gt=0)
    return dict(sums.order_by("-day")[:WEEK])


def _weighed_alike_since(project: Project, rules: Rules) -> date | None:
    """The last day of which a part was weighed by another guess of the miss rate, or by other
    findings; None where there is no such day."""
    zone = project.site_time_zone
    changes = (_change(_guesses(project, rules), zone), _change(_findings(project), zone))
    return max((each for each in changes if each is not None), default=None)


def _change(versions: Iterable[tuple[bool, datetime]], zone: str) -> date | None:
    """The day on which the last change came, of versions given newest first that are as now or not;
    the end of time where not even the newest is, as under rules that were never in force."""
    began = None
    for is_as_now, created_at in versions:
        if not is_as_now:
            return began or date.max
        began = tally.day_of(created_at, zone)
    return None


def _guesses(project: Project, rules: Rules) -> Iterator[tuple[bool, datetime]]:
    policies = project.routing_policies.order_by("-number").values_list("rules", "created_at")
    for document, created_at in policies:
        known = Rules.from_json(document)
        yield known.prior_miss_rate == rules.prior_miss_rate, created_at


def _findings(project: Project) -> Iterator[tuple[bool, datetime]]:
    vocabularies = vocabularies_of(project)
    created = dict(project.taxonomies.values_list("number", "created_at"))
    for each in vocabularies.newest_first:
        carrier = vocabularies.carrier(each.number)
        carried = {carrier(key) if carrier else key for key in each.positives}
        yield carried == vocabularies.in_force.positives, created[each.number]
