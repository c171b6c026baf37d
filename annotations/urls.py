"""The addresses of the review side: its API, and its pages."""

from __future__ import annotations

from django.urls import include, path

from annotations.api.annotations import AnnotationImports
from annotations.api.deliveries import Deliveries, Redeliveries
from annotations.api.images import Images
from annotations.api.imports import Imports
from annotations.api.items import Items
from annotations.api.jobs import JobCancellations, JobDetail, Jobs
from annotations.api.predictions import (
    PredictionBatches,
    Predictions,
    PredictionStories,
    PredictionWithdrawals,
)
from annotations.api.projects import Projects
from annotations.api.queue import Queue
from annotations.api.routing import RoutingPolicies, RoutingSimulations, SimulationChanges
from annotations.api.uploads import UploadCompletions, UploadDoor, Uploads
from annotations.api.webhooks import WebhookDetail, WebhookPings, Webhooks

app_name = "annotations"

api = [
    path("", Projects.as_view(), name="api-project"),
    path("/uploads", Uploads.as_view(), name="api-uploads"),
    path("/uploads/<uuid:uid>", UploadDoor.as_view(), name="api-upload"),
    path("/uploads/<uuid:uid>:complete", UploadCompletions.as_view(), name="api-upload-complete"),
    path("/images", Images.as_view(), name="api-images"),
    path("/predictions", Predictions.as_view(), name="api-predictions"),
    path("/predictions:batch", PredictionBatches.as_view(), name="api-predictions-batch"),
    path("/predictions/<uuid:uid>", PredictionStories.as_view(), name="api-prediction"),
    path(
        "/predictions/<uuid:uid>:withdraw", PredictionWithdrawals.as_view(), name="api-withdrawal"
    ),
    path("/items", Items.as_view(), name="api-items"),
    path("/imports", Imports.as_view(), name="api-imports"),
    path("/jobs", Jobs.as_view(), name="api-jobs"),
    path("/jobs/<uuid:uid>", JobDetail.as_view(), name="api-job"),
    path("/jobs/<uuid:uid>:cancel", JobCancellations.as_view(), name="api-job-cancel"),
    path("/routing/policies", RoutingPolicies.as_view(), name="api-routing-policies"),
    path("/routing/simulations", RoutingSimulations.as_view(), name="api-routing-simulations"),
    path(
        "/routing/simulations/<uuid:uid>/changes",
        SimulationChanges.as_view(),
        name="api-simulation-changes",
    ),
    path("/annotations:import", AnnotationImports.as_view(), name="api-annotations-import"),
    path("/queue", Queue.as_view(), name="api-queue"),
    path("/webhooks", Webhooks.as_view(), name="api-webhooks"),
    path("/webhooks/<uuid:uid>", WebhookDetail.as_view(), name="api-webhook"),
    path("/webhooks/<uuid:uid>:ping", WebhookPings.as_view(), name="api-webhook-ping"),
    path("/deliveries", Deliveries.as_view(), name="api-deliveries"),
    path("/deliveries/<uuid:uid>:redeliver", Redeliveries.as_view(), name="api-redeliver"),
]

urlpatterns = [
    path("api/v1/projects/<slug:slug>", include(api)),
    path("", include("annotations.web.urls")),
]
