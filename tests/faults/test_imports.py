"""An import whose worker is killed: nothing is lost, nothing is doubled, nothing counted twice."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction

from annotations.actions.request_import import request_import
from annotations.models import Item, Prediction, Project, Route
from reviewhub.common import jobs
from reviewhub.common.clock import database_now
from reviewhub.common.models import Job
from tests import factories
from tests.factories import TESTER, image_bytes
from tests.faults.workers import end, environment
from tests.services import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True),
]
ROOT = Path(__file__).resolve().parents[2]
LINES = 3_000
DO_ONE_JOB = """
import os, sys, django
os.nice(10)  # whoever is to kill it in the middle must not come too late
django.setup()
from annotations.actions import import_predictions
from reviewhub.common import jobs
from reviewhub.common.clock import database_now
import_predictions.BATCH = 50
jobs.run_job(job_id=int(sys.argv[1]), clock=database_now)
"""


def lay_out(cells: Project, folder: str) -> None:
    storage = storages["imports"]
    lines = [
        json.dumps(
            {
                "external_id": f"cell-{number}",
                "predictor": {"name": "camera", "version": "3"},
                "probabilities": {"good": 0.2, "defect": 0.8},
                "image": {"object": "1.png"},
            }
        )
        for number in range(LINES)
    ]
    lines[10] = "{"
    storage.save(f"{cells.slug}/{folder}/1.png", ContentFile(image_bytes(1)))
    storage.save(
        f"{cells.slug}/{folder}/predictions.ndjson", ContentFile("\n".join(lines).encode())
    )


def test_an_import_survives_kill_9_in_the_middle(tmp_path: Path) -> None:
    cells = factories.project()
    lay_out(cells, "2026-11")
    job = request_import(project=cells, prefix="2026-11", actor=TESTER, now=database_now())
    kills = 0
    for threshold in (200, 900):
        process = subprocess.Popen(
            [sys.executable, "-c", DO_ONE_JOB, str(job.pk)],
            cwd=ROOT,
            env=environment(),
            start_new_session=True,
        )
        try:
            wait_until(
                lambda over=threshold: Job.objects.get(pk=job.pk).done > over,
                seconds=60,
                what="progress",
            )
        finally:
            end(process)  # kill -9
        kills += 1
        with transaction.atomic():
            # Under the row's lock: what it sent last may reach PostgreSQL after its death.
            stopped = Job.objects.select_for_update().get(pk=job.pk)
            assert stopped.state == "running"
            # Every batch that counts is there as a whole, and nothing else is.
            assert Prediction.objects.count() == stopped.cursor["created"]
        Job.objects.update(lease_until=database_now() - timedelta(seconds=1))
    assert jobs.recover_jobs(now=database_now()) == 1
    jobs.run_job(job_id=job.pk, clock=database_now)
    job.refresh_from_db()
    assert (job.state, job.done, job.attempt) == ("succeeded", LINES, kills + 1)
    result = {name: job.result[name] for name in ("created", "unchanged", "refused")}
    assert result == {"created": LINES - 1, "unchanged": 0, "refused": 1}
    assert [each["line"] for each in job.result["errors"]] == [11]
    assert Item.objects.count() == Prediction.objects.count() == Route.objects.count() == LINES - 1
