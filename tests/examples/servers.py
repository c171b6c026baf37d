"""A real HTTP server that answers what it was told to, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Script:
    """Answers in turn, the last one for ever: (status, headers, body), or None to hang up."""

    answers: Sequence[tuple[int, dict[str, str], bytes] | None]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def serving(*answers: tuple[int, dict[str, str], bytes] | None) -> Iterator[Script]:
    script = Script(answers)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(length))
            turn = min(len(script.asked), len(script.answers) - 1)
            script.asked.append(asked)
            answer = script.answers[turn]
            if answer is None:
                self.close_connection = True
                return
            status, sent, body = answer
            self.send_response(status)
            for name, value in {**sent, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *args: object) -> None:
            """Tests are quiet."""

    return Handler
