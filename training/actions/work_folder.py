from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from training.models import TrainingRun


def work_folder(run: TrainingRun) -> Path:
    """Where the attempts of a run on this machine leave what the next one goes on with."""
    return Path(settings.REVIEWHUB_VAR_DIR) / "work" / "runs" / str(run.pk)


def forget_work(run: TrainingRun) -> None:
    """Remove it; what counts is in storage by now, or will never be needed."""
    shutil.rmtree(work_folder(run), ignore_errors=True)
