"""Everything that reads the code without running its tests; every check runs, then all is told."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff", ("ruff", "check")),
    ("format", ("ruff", "format", "--check")),
    ("types", ("mypy",)),
    ("imports", ("lint-imports",)),
    ("words", ("python", "scripts/words.py", "check")),
    ("templates", ("djlint", "templates", "--lint", "--quiet")),
    ("migrations", ("python", "manage.py", "makemigrations", "--check", "--dry-run")),
    ("schema", ("python", "manage.py", "openapi", "--check")),
    ("deployment", ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")),
)
DEPLOYED = {
    "DJANGO_SETTINGS_MODULE": "reviewhub.settings.production",
    "REVIEWHUB_SECRET_KEY": "only-for-the-deployment-check-" + "0123456789abcdef" * 3,
    "REVIEWHUB_DRAW_KEY": "only-for-the-deployment-check-" + "fedcba9876543210" * 3,
    "REVIEWHUB_ALLOWED_HOSTS": "reviewhub.example",
    "REVIEWHUB_SITE_URL": "https://reviewhub.example",
    "REVIEWHUB_DATABASE_URL": "postgres://reviewhub@127.0.0.1/reviewhub",
    "REVIEWHUB_REDIS_URL": "redis://127.0.0.1:6379/0",
}
ENVIRONMENTS = {
    "migrations": {"DJANGO_SETTINGS_MODULE": "reviewhub.settings.test"},
    "schema": {"DJANGO_SETTINGS_MODULE": "reviewhub.settings.test"},
    "deployment": DEPLOYED,
}


def main() -> int:
    """Exit status: the number of checks that failed."""
    failed = [name for name, command in CHECKS if not _passes(name, command)]
    told = f"failed: {', '.join(failed)}" if failed else "all kept"
    print(f"{len(CHECKS)} checks, {told}")
    return len(failed)


def _passes(name: str, command: tuple[str, ...]) -> bool:
    began = time.monotonic()
    environ = {**os.environ, **ENVIRONMENTS.get(name, {})}
    ended = subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        env=environ,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    ok = ended.returncode == 0
    word = "ok" if ok else "FAILED"
    print(f"{word:<6} {name:<11} {time.monotonic() - began:5.1f} s", flush=True)
    if not ok:
        print(ended.stdout)
    return ok


if __name__ == "__main__":
    sys.exit(main())
