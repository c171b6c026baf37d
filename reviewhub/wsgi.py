"""What gunicorn serves."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewhub.settings.production")


def _share_metrics(folder: Path) -> None:
    """Let the web processes of this machine add their request figures up in `folder`.

    prometheus_client decides at its import, so this comes before the application. Files of
    processes that have ended are removed; a living one's are never touched.
    """
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(folder))
    for file in folder.glob("*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not Path("/proc", pid).exists():
            with suppress(FileNotFoundError):  # another process has just done the same
                file.unlink()


_share_metrics(settings.REVIEWHUB_VAR_DIR / "metrics")
application = get_wsgi_application()
