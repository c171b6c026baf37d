"""Envelopes for the worker: one call each, safe to run twice."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery import shared_task

from annotations.actions.approve_due import approve_due
from annotations.actions.forget_minutes import forget_minutes
from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.make_full_picture import make_full_picture
from annotations.actions.purge_uploads import purge_uploads
from annotations.actions.release_capacity import release_capacity
from annotations.actions.shorten_leases import shorten_leases
from annotations.actions.sweep_leases import sweep_leases
from reviewhub.common.clock import database_now
from reviewhub.common.separately import separately


@shared_task(name="annotations.sweep")
def sweep(**_: Any) -> dict[str, int]:
    """Give back leases that ran out, shorten those that a clock gave which has gone back, approve
    what has waited long enough, put on record which audits nobody answered, let in what today has
    room for, forget what is spent.

    Leases first: what nobody holds any more may lapse. A step that fails, and within a step a
    project, stops no other.
    """
    steps = {
        "leases": sweep_leases,
        "shortened": shorten_leases,
        "approved": approve_due,
        "lapsed": lapse_audits,
        "released": release_capacity,
        "minutes": forget_minutes,
        "uploads": purge_uploads,
    }
    now = database_now()
    return separately({name: partial(step, now=now) for name, step in steps.items()})


@shared_task(name="annotations.make_full_picture")
def make_full(*, image_id: int, **_: Any) -> bool:
    """All pixels of a picture that somebody is looking at, before they look closer."""
    return make_full_picture(image_id=image_id)
