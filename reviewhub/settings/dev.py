"""For whoever names it in DJANGO_SETTINGS_MODULE; secrets are those that `make run` wrote."""

from reviewhub.settings.env import env

env.assume(
    REVIEWHUB_VAR_DIR="var/run",
    REVIEWHUB_SECRET_KEY_FILE="var/run/secrets/secret_key",  # noqa: S106 (a path)
    REVIEWHUB_DRAW_KEY_FILE="var/run/secrets/draw_key",
    REVIEWHUB_LOG_JSON="false",
    REVIEWHUB_PSEUDO_LOCALE="true",
    REVIEWHUB_ALLOWED_HOSTS="127.0.0.1,localhost",
)

from reviewhub.settings.base import *  # noqa: E402

DEBUG = True
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
}

env.check()
