"""`python -m reviewhub.services run [--var var/run] [--port 8000]`"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from reviewhub.services.instance import AlreadyRunning
from reviewhub.services.redis import RedisMissing
from reviewhub.services.supervisor import Services
from reviewhub.services.watch import ServicesFailed


class Asked(BaseException):
    """A signal asked us to end; no error."""


def main() -> int:
    """0 after a signal, 1 when a server failed, 2 when nothing was started."""
    options = _parse()
    _obey_signals()
    began = time.monotonic()
    services = Services(options.var, port=options.port, say=_say)
    try:
        services.start()
        _greet(services, time.monotonic() - began)
        services.wait()
    except Asked:
        _say("\nStopping.")
    except (AlreadyRunning, RedisMissing) as refused:
        print(f"Not started: {refused}", file=sys.stderr)
        return 2
    except ServicesFailed as failed:
        print(f"Stopped: {failed}", file=sys.stderr)
        return 1
    finally:
        _ignore_signals()
        services.stop()
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reviewhub.services", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="start all servers and stay until Ctrl-C")
    run.add_argument("--var", type=Path, default=Path("var/run"), help="the instance's folder")
    run.add_argument("--port", type=int, default=8000, help="the first port to try")
    return parser.parse_args()


def _greet(services: Services, seconds: float) -> None:
    env = services.instance.var / "env"
    _say(f"Ready in {seconds:.1f} s: {services.base_url}")
    _say(f"  An operator: . {env} && {sys.executable} manage.py createsuperuser")
    _say(f"  Logs: {services.instance.logs}    Stop: Ctrl-C")


def _obey_signals() -> None:
    def ask(number: int, frame: FrameType | None) -> None:
        raise Asked

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)


def _ignore_signals() -> None:
    """All ends within seconds from here on; an impatient second Ctrl-C would cut that off."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
