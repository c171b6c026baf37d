"""Watch the servers of one instance: a lost one is started again, visibly.

However often that happens over the days, it comes back; only one that does not live long enough to
be of use, again and again within a minute, is given up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from reviewhub.services.children import Child, stop_all

RESTARTS = 5
WITHIN_SECONDS = 60.0
BACK_OFF_SECONDS = 0.5
"""Between the first two restarts within that time; doubled for each further one."""

LOOK_EVERY_SECONDS = 0.25
STOP_PATIENCE_SECONDS = 6.0


class ServicesFailed(Exception):
    """A server did not start, or ended too often; the message ends with its last words."""


class Watch:
    """The servers by name, and the thread that looks after them."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.children: dict[str, Child] = {}
        self._failure: ServicesFailed | None = None
        self._say = say
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="servers", daemon=True)

    def add(self, child: Child) -> Child:
        """Start a server and count it in."""
        child.start()
        self.children[child.name] = child
        return child

    def begin(self) -> None:
        self._thread.start()

    def wait(self) -> None:
        """Block until `stop()`; raise ServicesFailed when a server has ended for good."""
        while not self._over.wait(0.5):
            pass
        self.raise_failure()

    def raise_failure(self) -> None:
        if self._failure:
            raise self._failure

    def stop(self, *, last: str) -> None:
        """Stop them all and what they started, the one named `last` after the others."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        final = [child for child in self.children.values() if child.name == last]
        first = [child for child in self.children.values() if child.name != last]
        stop_all(first, patience=STOP_PATIENCE_SECONDS)
        stop_all(final, patience=STOP_PATIENCE_SECONDS)
        self.children.clear()

    def _look_after(self) -> None:
        while not self._over.wait(LOOK_EVERY_SECONDS):
            for child in tuple(self.children.values()):
                if child.ended and not self._start_again(child):
                    self._over.set()
                    return

    def _start_again(self, child: Child) -> bool:
        """Now, or when its turn comes; False if it is given up."""
        now = time.monotonic()
        restarts = sum(now - at < WITHIN_SECONDS for at in child.starts[1:])
        if restarts >= RESTARTS:
            self._failure = ServicesFailed(
                f"{child.name} ended ({child.how_it_ended()}) after {restarts} restarts within "
                f"{WITHIN_SECONDS:.0f} s; the end of {child.log}:\n{child.tail()}"
            )
            return False
        if restarts and now - child.starts[-1] < BACK_OFF_SECONDS * 2 ** (restarts - 1):
            return True
        self._say(
            f"  {child.name} ended ({child.how_it_ended()}), started again "
            f"({restarts + 1} of {RESTARTS} within {WITHIN_SECONDS:.0f} s); see {child.log}"
        )
        child.start()
        return True
