"""Pages of this app; included by annotations.urls under its namespace."""

from __future__ import annotations

from django.urls import path

from annotations.web import (
    audit,
    bench,
    deliveries,
    guideline,
    home,
    items,
    jobs,
    keymap,
    media,
    queue,
    review,
    routing,
    session,
)

urlpatterns = [
    path("", home.projects, name="projects"),
    path("session", session.session, name="session"),
    path("profile", home.profile, name="profile"),
    path("profile/keys", keymap.keys, name="keys"),
    path("p/<slug:slug>/review", review.review, name="review"),
    path("p/<slug:slug>/review/ahead", bench.ahead, name="ahead"),
    path("p/<slug:slug>/review/leave", bench.leave, name="leave"),
    path("p/<slug:slug>/review/answer", review.answer, name="answer"),
    path("p/<slug:slug>/review/undo", review.undo, name="undo"),
    path("p/<slug:slug>/guideline", guideline.guideline, name="guideline"),
    path("p/<slug:slug>/media/<uuid:image_uid>/<slug:variant>", media.media, name="media"),
    path("p/<slug:slug>/adjudicate", queue.disputes, name="adjudicate"),
    path("p/<slug:slug>/adjudicate/settle", queue.settle, name="settle"),
    path("p/<slug:slug>/queue", queue.queue, name="queue"),
    path("p/<slug:slug>/queue/approve", queue.approve, name="approve"),
    path("p/<slug:slug>/queue/<uuid:entry_uid>/withdraw", queue.withdraw, name="withdraw"),
    path("p/<slug:slug>/items", items.items, name="items"),
    path("p/<slug:slug>/jobs", jobs.jobs, name="jobs"),
    path("p/<slug:slug>/jobs/<uuid:job_uid>/cancel", jobs.cancel, name="cancel-job"),
    path("p/<slug:slug>/routing", routing.routing, name="routing"),
    path("p/<slug:slug>/routing/simulate", routing.simulate, name="simulate"),
    path("p/<slug:slug>/routing/save", routing.save, name="save-routing"),
    path("p/<slug:slug>/audit", audit.audit, name="audit"),
    path("p/<slug:slug>/deliveries", deliveries.deliveries, name="deliveries"),
    path(
        "p/<slug:slug>/deliveries/<uuid:delivery_uid>/again",
        deliveries.send_again,
        name="redeliver",
    ),
]
