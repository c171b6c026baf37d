"""A routing document as the schema tells it; docs/routing.md says what each rule is for."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

Above0 = Annotated[float, Meta(gt=0, le=1)]
From0 = Annotated[float, Meta(ge=0, le=1)]
ADay = Annotated[int, Meta(ge=1, le=100_000_000)]
Minutes = Annotated[int, Meta(ge=1, le=525_600)]
SliceWord = Annotated[str, Meta(max_length=200)] | int | float | bool
Labels = Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(min_length=1, max_length=100)]
Words = Annotated[list[SliceWord], Meta(min_length=1, max_length=100)]

Values = Annotated[dict[str, Words], Meta(min_length=1, max_length=100)]


class WhenDocument(Struct, forbid_unknown_fields=True):
    """Items whose claimed label is one of these, and each of whose slices, and of the fields of
    their metadata, has one of its values."""

    labels: Labels | UnsetType = UNSET
    slices: Values | UnsetType = UNSET
    metadata: Values | UnsetType = UNSET


class NamedRuleDocument(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    when: WhenDocument
    due_minutes: Minutes | UnsetType | None = UNSET


class Overridable(Struct, forbid_unknown_fields=True):
    """Null or false switches a reason off."""

    low_confidence: Above0 | UnsetType | None = UNSET
    small_margin: Above0 | UnsetType | None = UNSET
    high_entropy: From0 | UnsetType | None = UNSET
    disagreement: bool | UnsetType = UNSET
    divergence: Above0 | UnsetType | None = UNSET
    unmatched_boxes: Annotated[int, Meta(ge=1, le=1000)] | UnsetType | None = UNSET
    dissent: Above0 | UnsetType | None = UNSET
    client_flag: bool | UnsetType = UNSET
    audit_rate: Annotated[float, Meta(ge=1e-06, le=1)] | UnsetType | None = UNSET


class OverrideDocument(Struct, forbid_unknown_fields=True):
    when: WhenDocument
    set: Overridable


class AuditBudgetDocument(Struct, forbid_unknown_fields=True):
    per_day: ADay
    expected_per_day: ADay
    floor: Annotated[float, Meta(ge=0.01, le=1)] = 0.2
    prior_miss_rate: Annotated[float, Meta(ge=0.001, le=0.999)] = 0.1


class ReviewEffortDocument(Struct, forbid_unknown_fields=True):
    seconds: Annotated[float, Meta(gt=0, le=86_400)] = 12.0
    hourly_cost: Annotated[float, Meta(ge=0, le=100_000)] = 30.0


class LearningDocument(Struct, forbid_unknown_fields=True):
    budget_per_day: ADay


class NoveltyDocument(Struct, forbid_unknown_fields=True):
    p_value: Above0
    per_day: ADay | None = None


class DueDocument(Struct, forbid_unknown_fields=True):
    """In how many minutes an answer is wanted, by reason; `any` for those that are not named."""

    low_confidence: Minutes | UnsetType = UNSET
    small_margin: Minutes | UnsetType = UNSET
    high_entropy: Minutes | UnsetType = UNSET
    disagreement: Minutes | UnsetType = UNSET
    dissent: Minutes | UnsetType = UNSET
    client_flag: Minutes | UnsetType = UNSET
    taxonomy_changed: Minutes | UnsetType = UNSET
    rule: Minutes | UnsetType = UNSET
    novelty: Minutes | UnsetType = UNSET
    informative: Minutes | UnsetType = UNSET
    any: Minutes | UnsetType = UNSET


class RoutingDocument(Overridable, forbid_unknown_fields=True):
    """What people must see, and why. One of `audit_rate` and `audit_budget` is always given."""

    box_iou: Annotated[float, Meta(ge=0.05, le=0.95)] | UnsetType = UNSET
    rules: Annotated[list[NamedRuleDocument], Meta(max_length=100)] | UnsetType = UNSET
    overrides: Annotated[list[OverrideDocument], Meta(max_length=100)] | UnsetType = UNSET
    audit_budget: AuditBudgetDocument | UnsetType | None = UNSET
    daily_cap: ADay | UnsetType | None = UNSET
    review: ReviewEffortDocument | UnsetType = UNSET
    learning: LearningDocument | UnsetType | None = UNSET
    novelty: NoveltyDocument | UnsetType | None = UNSET
    due_minutes: DueDocument | UnsetType = UNSET
