"""Pages of this app; included by training.urls under its namespace."""

from __future__ import annotations

from django.urls import path

from training.web import items, models, overview, runs, settings

urlpatterns = [
    path("p/<slug:slug>/", overview.overview, name="overview"),
    path("p/<slug:slug>/items/<uuid:item_uid>", items.item, name="item"),
    path("p/<slug:slug>/runs", runs.runs, name="runs"),
    path("p/<slug:slug>/runs/request", runs.request_new, name="request_run"),
    path("p/<slug:slug>/runs/<int:number>", runs.run, name="run"),
    path("p/<slug:slug>/runs/<int:number>/cancel", runs.cancel, name="cancel_run"),
    path("p/<slug:slug>/models", models.models, name="models"),
    path("p/<slug:slug>/models/roll-back", models.undo_promotion, name="roll_back"),
    path("p/<slug:slug>/models/<int:number>", models.model, name="model"),
    path("p/<slug:slug>/models/<int:number>/promote", models.promote, name="promote_model"),
    path("p/<slug:slug>/settings", settings.settings, name="settings"),
    path("p/<slug:slug>/settings/<slug:policy>", settings.revise, name="revise_policy"),
]
