"""Several threads that start at the same moment, each on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, connections


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Results in the order of the calls; an exception is a result too.

    The test needs `django_db(transaction=True)`, or the threads would see none of its rows.
    """
    gate = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            # To connect takes longer than what is raced for: nobody starts before all are there.
            connection.ensure_connection()
            gate.wait(timeout=60)
            return call()
        except Exception as error:  # noqa: BLE001 (returned, for the test to judge)
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
