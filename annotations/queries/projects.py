"""A project as its clients and pages know it."""

from __future__ import annotations

from annotations.errors import UnknownProject
from annotations.models import Label, Project, ReviewPolicy, RoutingPolicy, Taxonomy
from reviewhub.common.errors import JsonDict

REVIEW_FIELDS = (
    "number",
    "answers_wanted",
    "agreement_needed",
    "skips_allowed",
    "approval",
    "grace_seconds",
    "blind_share",
    "grid_labels",
    "grid_size",
    "grid_precision",
    "grid_seconds",
    "grid_gold_share",
)


def project_card(project: Project) -> JsonDict:
    """Everything a client needs before it sends predictions; a constant number of queries."""
    taxonomy = project.taxonomies.order_by("-number").prefetch_related("labels")[:1].get()
    routing = project.routing_policies.order_by("-number")[:1].get()
    review = project.review_policies.order_by("-number")[:1].get()
    return {
        "slug": project.slug,
        "name": project.name,
        "kind": project.kind,
        "note": project.note,
        "site_time_zone": project.site_time_zone,
        "taxonomy": _taxonomy(taxonomy),
        "routing_policy": _routing(routing),
        "review_policy": _review(review),
    }


def _taxonomy(taxonomy: Taxonomy) -> JsonDict:
    return {
        "number": taxonomy.number,
        "guidelines": taxonomy.guidelines,
        "mapping": taxonomy.mapping,
        "labels": [_label(label) for label in taxonomy.labels.all()],
    }


def _label(label: Label) -> JsonDict:
    return {
        "key": label.key,
        "name": label.name,
        "guideline": label.guideline,
        "is_positive": label.is_positive,
        "cost_of_miss": label.cost_of_miss,
        "cost_of_false_alarm": label.cost_of_false_alarm,
    }


def _routing(policy: RoutingPolicy) -> JsonDict:
    return {"number": policy.number, "rules": policy.rules}


def _review(policy: ReviewPolicy) -> JsonDict:
    return {name: getattr(policy, name) for name in REVIEW_FIELDS}


def project_named(slug: str) -> Project:
    """For commands, whose operator may enter every project. Raises UnknownProject."""
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        raise UnknownProject(f"There is no project {slug}.")
    return project


def kind_of(project_id: int) -> str:
    """The kind of work of a project, which never changes; one query."""
    return Project.objects.values_list("kind", flat=True).get(pk=project_id)
