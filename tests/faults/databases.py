"""The databases that an instance under fire stands on: SQLite always, PostgreSQL among the slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.services import PostgresServer

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]
"""For a fixture `instance`: `@pytest.fixture(scope="module", params=DATABASES)`."""


def database_of(request: pytest.FixtureRequest) -> dict[str, str]:
    """What its servers are told of it: an empty database that no other module uses."""
    if request.param == "sqlite":
        return {}
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return {"REVIEWHUB_DATABASE_URL": server.create(request.path.stem)}
