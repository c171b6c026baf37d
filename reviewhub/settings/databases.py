"""Which database, and how its connections behave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url

from reviewhub.settings.env import Env

# FULL, not NORMAL: an acknowledged answer must survive a power cut, not only a crash.
_SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}


def database(env: Env, var: Path, *, variable: str = "DATABASE_URL") -> dict[str, Any]:
    """Django's description of the database that the variable names; SQLite in `var` without."""
    url = env.url(
        variable,
        "sqlite:///absolute/path or postgres://user:password@host/name; by default in VAR_DIR.",
        f"sqlite:///{var / 'db.sqlite3'}",
        schemes=("sqlite", "postgres", "postgresql"),
        secret=True,
    )
    return from_url(url)


def from_url(url: str) -> dict[str, Any]:
    """As dj-database-url reads it, with our ways of using each engine."""
    described: dict[str, Any] = {**dj_database_url.parse(url)}
    if "sqlite" in described["ENGINE"]:
        described["OPTIONS"] = {**_SQLITE, **described.get("OPTIONS", {})}
        return described
    described["CONN_MAX_AGE"] = 60
    described["CONN_HEALTH_CHECKS"] = True
    # Only hand-written statements are ever prepared (reviewhub/common/statements.py). PgBouncer in
    # transaction mode knows them from 1.21 on.
    prepared = {"prepare_threshold": 0}
    described["OPTIONS"] = {"connect_timeout": 5, **prepared, **described.get("OPTIONS", {})}
    return described
