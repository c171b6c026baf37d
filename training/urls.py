"""The addresses of the learning side: its API, and its pages."""

from __future__ import annotations

from django.urls import include, path

from training.api.champion import ChampionFileView, ChampionView, RollbackView
from training.api.models import ModelFileView, ModelsView, ModelView, PromoteView
from training.api.runs import CancelView, RunsView, RunView

app_name = "training"

api = [
    path("champion", ChampionView.as_view(), name="api-champion"),
    path("champion:rollback", RollbackView.as_view(), name="api-champion-rollback"),
    path("champion/model.onnx", ChampionFileView.as_view(), name="api-champion-file"),
    path("models", ModelsView.as_view(), name="api-models"),
    path("models/<int:number>", ModelView.as_view(), name="api-model"),
    path("models/<int:number>:promote", PromoteView.as_view(), name="api-model-promote"),
    path("models/<int:number>/model.onnx", ModelFileView.as_view(), name="api-model-file"),
    path("runs", RunsView.as_view(), name="api-runs"),
    path("runs/<uuid:uid>", RunView.as_view(), name="api-run"),
    path("runs/<uuid:uid>:cancel", CancelView.as_view(), name="api-run-cancel"),
]

urlpatterns = [
    path("api/v1/projects/<slug:slug>/", include(api)),
    path("", include("training.web.urls")),
]
