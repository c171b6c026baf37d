"""What gunicorn serves."""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

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


def _read_ahead() -> None:
    """Load what the first request would wait for: every address and page, in every language.

    It takes a second, and with `--preload` it is taken once, before there are workers.
    """
    for page in sorted((settings.ROOT / "templates").rglob("*.html")):
        get_template(str(page.relative_to(settings.ROOT / "templates")))
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            reverse("login")
            translation.gettext("Review")


def _leave_the_program_alone() -> None:
    """Keep the garbage collector away from what was loaded once and stays.

    A batch of a thousand predictions makes enough objects to set it off several times, and each
    time it would look through the half million that Django and NumPy have left: a fifth of the
    CPU of an intake call. Forked workers also go on sharing those pages.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


_share_metrics(settings.REVIEWHUB_VAR_DIR / "metrics")
application = get_wsgi_application()
_read_ahead()
_leave_the_program_alone()
