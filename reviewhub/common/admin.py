"""For operators: records are read, endpoints are switched off by the actions that audit it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from reviewhub.common import webhooks
from reviewhub.common.actor import Actor
from reviewhub.common.clock import database_now
from reviewhub.common.models import (
    AuditEntry,
    Delivery,
    DeliveryAttempt,
    Job,
    OutboxEvent,
    Tally,
    WebhookEndpoint,
    WorkerHeartbeat,
)


class ReadOnly(admin.ModelAdmin[Any]):
    """Look, and change nothing."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ["created_at", "actor_name", "action", "subject_type", "subject_id"]
    list_filter = ["action", "actor_kind"]
    search_fields = ["actor_name", "subject_id", "request_id"]
    show_full_result_count = False


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnly):
    list_display = ["created_at", "type", "project_id", "uid"]
    list_filter = ["type"]
    show_full_result_count = False


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnly):
    list_display = ["url", "project_id", "events", "created_at", "disabled_at"]
    exclude = ["secret", "previous_secret"]
    actions = ["switch_off"]

    @admin.action(description="Switch off the selected endpoints", permissions=["view"])
    def switch_off(self, request: HttpRequest, chosen: QuerySet[WebhookEndpoint]) -> None:
        now = database_now()
        for endpoint in chosen:
            webhooks.disable_endpoint(
                endpoint=endpoint, reason="By an operator.", actor=_actor(request), now=now
            )


class AttemptsInline(admin.TabularInline[Any, Any]):
    model = DeliveryAttempt
    extra = 0
    can_delete = False
    fields = ("created_at", "status", "error", "milliseconds", "answer")
    readonly_fields = ("created_at", "status", "error", "milliseconds", "answer")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["created_at", "event", "endpoint", "state", "round", "next_attempt_at"]
    list_filter = ["state"]
    list_select_related = ["event", "endpoint"]
    inlines = [AttemptsInline]
    show_full_result_count = False


@admin.register(Job)
class JobAdmin(ReadOnly):
    list_display = ["created_at", "kind", "project_id", "state", "done", "total", "actor_name"]
    list_filter = ["state", "kind"]


@admin.register(Tally)
class TallyAdmin(ReadOnly):
    list_display = ["project_id", "day", "name", "amount"]
    list_filter = ["name"]
    show_full_result_count = False


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnly):
    list_display = ["queue", "worker", "beat_at"]


def _actor(request: HttpRequest) -> Actor:
    user = cast(Any, request.user)
    return Actor(kind="user", id=user.pk, name=user.get_username())
