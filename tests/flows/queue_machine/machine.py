"""All of them together, in any order."""

from __future__ import annotations

from tests.flows.queue_machine.clients import Clients
from tests.flows.queue_machine.leads import Leads
from tests.flows.queue_machine.reviewers import Reviewers


class QueueMachine(Clients, Reviewers, Leads):
    """Clients, reviewers, leads and workers of one project."""
