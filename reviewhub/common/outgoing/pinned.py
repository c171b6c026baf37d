"""A connection to the address that was checked, and to no other."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Timer

from reviewhub.common.outgoing.target import Target


class Pinned(HTTPConnection):
    """Connects to the address that was checked, and shows and checks the host's name in TLS."""

    def __init__(self, target: Target, *, timeout: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self._target = target
        self._raw: socket.socket | None = None
        self.was_cut = False

    def connect(self) -> None:
        address = (self._target.address, self._target.port)
        self._raw = self.sock = socket.create_connection(address, self.timeout)
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)

    def cut(self) -> None:
        """End a slow exchange from outside: what blocks on it wakes with an error or an end."""
        self.was_cut = True
        for end in (self.sock, self._raw):
            try:
                if end is not None:
                    end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has ended by itself


@contextmanager
def connected(target: Target, *, seconds: float) -> Iterator[Pinned]:
    """A connection for one exchange; `seconds` bounds all of it together."""
    connection = Pinned(target, timeout=seconds)
    timer = Timer(seconds, connection.cut)
    timer.start()
    try:
        yield connection
    finally:
        timer.cancel()
        connection.close()
