"""What was learned and decided, for operators to look at; changes go through actions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from training import models


class ReadOnly(admin.ModelAdmin[Any]):
    """Shown, never changed: a change goes through an action, which leaves an audit entry."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(models.TrainingPolicy)
class TrainingPolicyAdmin(ReadOnly):
    list_display = ["project", "number", "automatic", "approvals_needed", "cooldown_seconds"]
    list_filter = ["project"]
    list_select_related = ["project"]


@admin.register(models.GatePolicy)
class GatePolicyAdmin(ReadOnly):
    list_display = ["project", "number", "automatic_promotion", "created_at"]
    list_filter = ["project"]
    list_select_related = ["project"]


@admin.register(models.TrainingRun)
class TrainingRunAdmin(ReadOnly):
    list_display = ["project", "number", "state", "step", "progress", "attempt", "fence", "message"]
    list_filter = ["state", "project"]
    list_select_related = ["project"]


@admin.register(models.DatasetSnapshot)
class DatasetSnapshotAdmin(ReadOnly):
    list_display = ["project", "digest", "counts", "created_at"]
    list_filter = ["project"]
    list_select_related = ["project"]


@admin.register(models.ModelVersion)
class ModelVersionAdmin(ReadOnly):
    list_display = ["project", "number", "role", "onnx_sha256", "onnx_bytes", "created_at"]
    list_filter = ["role", "project"]
    list_select_related = ["project"]


@admin.register(models.EvaluationSet)
class EvaluationSetAdmin(ReadOnly):
    list_display = ["project", "name", "kind", "digest", "created_at"]
    list_filter = ["kind", "project"]
    list_select_related = ["project"]


@admin.register(models.Evaluation)
class EvaluationAdmin(ReadOnly):
    list_display = ["model_version", "evaluation_set", "metrics", "created_at"]
    list_select_related = ["model_version", "evaluation_set"]
    exclude = ["answers"]


@admin.register(models.GateDecision)
class GateDecisionAdmin(ReadOnly):
    list_display = ["project", "challenger", "champion", "verdict", "created_at"]
    list_filter = ["verdict", "project"]
    list_select_related = ["project", "challenger", "champion"]


@admin.register(models.Promotion)
class PromotionAdmin(ReadOnly):
    list_display = ["project", "number", "kind", "model_version", "previous", "actor", "reasons"]
    list_filter = ["kind", "project"]
    list_select_related = ["project", "model_version", "previous"]


@admin.register(models.NoveltyCursor)
class NoveltyCursorAdmin(ReadOnly):
    list_display = ["project", "seen_id", "settled_id", "waits_for", "compares_with", "updated_at"]
    list_select_related = ["project"]


@admin.register(models.LearningSelection)
class LearningSelectionAdmin(ReadOnly):
    list_display = ["project", "day", "budget", "candidates", "finished_at"]
    list_filter = ["project"]
    list_select_related = ["project"]
