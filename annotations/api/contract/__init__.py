"""What this app's endpoints promise; an endpoint without a line here fails a test by name."""

from __future__ import annotations

from annotations.api.contract import (
    importing,
    intake,
    jobs,
    reading,
    routing,
    stories,
    uploads,
    webhooks,
)
from reviewhub.common.contract import Contract

CONTRACT: Contract = {
    **reading.CONTRACT,
    **intake.CONTRACT,
    **stories.CONTRACT,
    **importing.CONTRACT,
    **jobs.CONTRACT,
    **uploads.CONTRACT,
    **routing.CONTRACT,
    **webhooks.CONTRACT,
}
