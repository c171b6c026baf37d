"""The embedded default: every server that ReviewHub needs, on one machine, by one command.

    from reviewhub.services import Services

    with Services(Path("var/run")) as services:
        print(services.base_url)

Nothing here imports Django: what needs it runs in a process of its own.
"""

from reviewhub.services.instance import AlreadyRunning
from reviewhub.services.redis import RedisMissing
from reviewhub.services.supervisor import Services
from reviewhub.services.watch import ServicesFailed

__all__ = ["AlreadyRunning", "RedisMissing", "Services", "ServicesFailed"]
