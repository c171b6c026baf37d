"""For tests: everything in a folder that goes when the process does; PostgreSQL when asked for."""

import atexit
import tempfile
from pathlib import Path

from reviewhub.settings.env import env

_folder = tempfile.TemporaryDirectory(prefix="reviewhub-tests-")
atexit.register(_folder.cleanup)
env.assume(
    REVIEWHUB_VAR_DIR=_folder.name,
    REVIEWHUB_SECRET_KEY="only-for-tests-" * 4,
    REVIEWHUB_DRAW_KEY="only-for-tests-" * 4,
    REVIEWHUB_REDIS_URL="redis://127.0.0.1:1/0",
    REVIEWHUB_ALLOWED_HOSTS="127.0.0.1,localhost,testserver",
    REVIEWHUB_LOG_JSON="false",
    REVIEWHUB_PSEUDO_LOCALE="true",
)

from reviewhub.settings.base import *  # noqa: E402
from reviewhub.settings.databases import from_url  # noqa: E402

if _test_database := env.url(
    "TEST_DATABASE_URL",
    "Tests only: a server on which a test database may be made.",
    "",
    schemes=("postgres", "postgresql", "sqlite"),
    secret=True,
):
    DATABASES["default"] = from_url(_test_database)
else:
    # A file, not memory: threads and processes of a test must meet in it.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_folder.name) / "test.sqlite3")}
DATABASES["default"]["CONN_MAX_AGE"] = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a missing folder

env.check()
