"""Policies and labels in force, and the values that new ones are made of."""

from __future__ import annotations

from dataclasses import fields

from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.models import Project, ReviewPolicy, Taxonomy

__all__ = ["ReviewSpec", "Rules", "review_in_force", "rules_in_force", "taxonomy_with_labels"]


def rules_in_force(project: Project) -> tuple[int, Rules]:
    """Number and rules of the routing policy in force."""
    policy = project.routing_policies.order_by("-number")[:1].get()
    return policy.number, Rules.from_json(policy.rules)


def review_in_force(project: Project) -> tuple[int, ReviewSpec]:
    """Number and values of the review policy in force."""
    policy: ReviewPolicy = project.review_policies.order_by("-number")[:1].get()
    values = {field.name: getattr(policy, field.name) for field in fields(ReviewSpec)}
    values["grid_labels"] = tuple(policy.grid_labels)
    return policy.number, ReviewSpec(**values)


def taxonomy_with_labels(project: Project) -> Taxonomy:
    return project.taxonomies.order_by("-number").prefetch_related("labels")[:1].get()
