"""Every table for operators: facts that are append-only can be looked at and nothing else."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from annotations import models
from annotations.access import actor_of
from annotations.actions.add_member import add_member
from annotations.actions.remove_member import remove_member
from reviewhub.common.actor import Actor
from reviewhub.common.clock import database_now


def _actor(request: HttpRequest) -> Actor:
    return actor_of(cast(models.User, request.user))


class ReadOnly(admin.ModelAdmin[Any]):
    """Shown, never changed: a change goes through an action, which leaves an audit entry."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LabelInline(admin.TabularInline[models.Label, models.Taxonomy]):
    model = models.Label
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(models.User)
class PeopleAdmin(UserAdmin[models.User]):
    """Plain fields where Django's own have no names for a screen reader."""

    list_display = ["username", "email", "is_active", "is_superuser", "last_login"]
    filter_horizontal = ()
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        *(UserAdmin.fieldsets or ()),
        ("ReviewHub", {"fields": ["time_zone", "language", "theme", "single_keys"]}),
    ]


@admin.register(models.Project)
class ProjectAdmin(admin.ModelAdmin[models.Project]):
    list_display = ["slug", "name", "kind", "site_time_zone", "created_at"]
    # The zone too: counters of the days so far were kept in it.
    readonly_fields = ["uid", "slug", "kind", "site_time_zone", "created_at"]
    search_fields = ["slug", "name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """`manage.py create_project` also makes the taxonomy and the policies."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(models.Membership)
class MembershipAdmin(admin.ModelAdmin[models.Membership]):
    list_display = ["user", "project", "role", "created_at"]
    list_filter = ["role", "project"]
    list_select_related = ["user", "project"]
    fields = ["user", "project", "role"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Membership | None = None
    ) -> list[str]:
        return ["user", "project"] if obj else []

    def save_model(
        self, request: HttpRequest, obj: models.Membership, form: Any, change: bool
    ) -> None:
        """By the action, which leaves an audit entry."""
        saved = add_member(
            project=obj.project,
            user=obj.user,
            role=models.Role(obj.role),
            actor=_actor(request),
            now=database_now(),
        )
        obj.pk = saved.pk

    def delete_model(self, request: HttpRequest, obj: models.Membership) -> None:
        remove_member(membership=obj, actor=_actor(request), now=database_now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.Membership]) -> None:
        for membership in queryset:
            self.delete_model(request, membership)


@admin.register(models.ApiKey)
class ApiKeyAdmin(ReadOnly):
    list_display = [
        "name",
        "prefix",
        "project",
        "verbs",
        "expires_at",
        "revoked_at",
        "last_used_at",
    ]
    list_filter = ["project"]
    list_select_related = ["project"]
    exclude = ["digest"]


@admin.register(models.ApiKeyMinute)
class ApiKeyMinuteAdmin(ReadOnly):
    list_display = ["key", "minute", "calls", "predictions"]
    list_select_related = ["key"]


@admin.register(models.DirectUpload)
class DirectUploadAdmin(ReadOnly):
    list_display = ["uid", "project", "created_at", "expires_at", "image"]
    list_select_related = ["project", "image"]


@admin.register(models.Taxonomy)
class TaxonomyAdmin(ReadOnly):
    list_display = ["project", "number", "created_by", "created_at"]
    list_select_related = ["project", "created_by"]
    inlines = [LabelInline]


@admin.register(models.RoutingPolicy, models.ReviewPolicy)
class PolicyAdmin(ReadOnly):
    list_display = ["project", "number", "created_by", "created_at"]
    list_filter = ["project"]
    list_select_related = ["project", "created_by"]


@admin.register(models.StoredImage)
class StoredImageAdmin(ReadOnly):
    list_display = ["uid", "project", "format", "width", "height", "byte_size", "created_at"]
    list_select_related = ["project"]


@admin.register(models.Item)
class ItemAdmin(ReadOnly):
    list_display = ["external_id", "project", "fold", "source_group", "received_at"]
    list_filter = ["project", "fold"]
    list_select_related = ["project"]
    search_fields = ["external_id"]


@admin.register(models.ItemContent)
class ItemContentAdmin(ReadOnly):
    list_display = ["item", "image", "erased_at"]
    list_select_related = ["item", "image"]


@admin.register(models.Predictor)
class PredictorAdmin(ReadOnly):
    list_display = ["name", "version", "project", "origin", "taxonomy", "created_at"]
    list_select_related = ["project", "taxonomy"]


@admin.register(models.Prediction)
class PredictionAdmin(ReadOnly):
    list_display = ["uid", "item", "predictor", "label_key", "confidence", "received_at"]
    list_select_related = ["item", "predictor"]


@admin.register(models.Withdrawal)
class WithdrawalAdmin(ReadOnly):
    list_display = ["prediction_id", "reason", "actor_name", "created_at"]


@admin.register(models.SideChange)
class SideChangeAdmin(ReadOnly):
    list_display = ["job_id", "item", "side", "label_key", "confidence", "expected_cost"]
    list_filter = ["side"]
    list_select_related = ["item"]


@admin.register(models.AuditPlan)
class AuditPlanAdmin(ReadOnly):
    list_display = ["policy", "day", "scale", "floor", "expected_volume"]
    list_select_related = ["policy"]


@admin.register(models.Route)
class RouteAdmin(ReadOnly):
    list_display = ["prediction_id", "sequence", "outcome", "reasons", "policy", "created_at"]
    list_filter = ["outcome", "audited"]
    list_select_related = ["policy"]


@admin.register(models.QueueEntry)
class QueueEntryAdmin(ReadOnly):
    list_display = ["uid", "project", "state", "audited", "answers_given", "answers_wanted"]
    list_filter = ["state", "project"]
    list_select_related = ["project"]


@admin.register(models.Assignment)
class AssignmentAdmin(ReadOnly):
    list_display = ["uid", "entry_id", "reviewer", "state", "claimed_at", "lease_until"]
    list_filter = ["state"]
    list_select_related = ["reviewer"]


@admin.register(models.Review)
class ReviewAdmin(ReadOnly):
    list_display = [
        "uid",
        "entry_id",
        "reviewer",
        "verdict",
        "label_key",
        "effective",
        "created_at",
    ]
    list_filter = ["verdict"]
    list_select_related = ["reviewer"]


@admin.register(models.Annotation)
class AnnotationAdmin(ReadOnly):
    list_display = ["uid", "item", "number", "outcome", "label_key", "how", "created_at"]
    list_filter = ["how", "outcome"]
    list_select_related = ["item"]


@admin.register(models.Approval)
class ApprovalAdmin(ReadOnly):
    list_display = ["annotation_id", "approved_by", "policy", "created_at"]
    list_select_related = ["approved_by"]


@admin.register(models.Comment)
class CommentAdmin(ReadOnly):
    list_display = ["uid", "entry_id", "author", "created_at"]
    list_select_related = ["author"]


@admin.register(models.Referral)
class ReferralAdmin(ReadOnly):
    list_display = ["uid", "entry_id", "to", "reviewer", "referred_by", "created_at", "closed_at"]
    list_filter = ["to"]
    list_select_related = ["reviewer", "referred_by"]


@admin.register(models.Grid)
class GridAdmin(ReadOnly):
    list_display = ["uid", "project", "reviewer", "label_key", "shown_at", "answered_at", "seconds"]
    list_select_related = ["project", "reviewer"]


@admin.register(models.GridCell)
class GridCellAdmin(ReadOnly):
    list_display = ["grid_id", "position", "item_id", "entry_id", "gold_odd", "said_odd"]


@admin.register(models.GuidelineReading)
class GuidelineReadingAdmin(ReadOnly):
    list_display = ["user", "taxonomy", "created_at"]
    list_select_related = ["user", "taxonomy"]


@admin.register(models.LabelExample)
class LabelExampleAdmin(ReadOnly):
    list_display = ["project", "label_key", "item", "created_by", "created_at"]
    list_select_related = ["project", "item", "created_by"]
