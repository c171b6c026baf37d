from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from reviewhub.common.clock import database_now
from reviewhub.common.errors import ReviewHubError, Unavailable
from training.actions.claim_run import claim_run
from training.actions.do_run import do_run
from training.actions.end_run import end_run
from training.actions.held_run import HeldRun, RunTimes
from training.actions.keep_lease import keep_lease
from training.actions.retry_run import retry_run
from training.actions.run_learning import log_tail
from training.actions.work_folder import forget_work, work_folder
from training.errors import ChildCrashed, LeaseLost, RunCancelled
from training.models import GateDecision, RunState, Verdict

PATIENT = RunTimes()

logger = logging.getLogger(__name__)


def execute_run(
    *,
    run_id: int,
    worker: str,
    times: RunTimes = PATIENT,
    clock: Callable[[], datetime] = database_now,
) -> None:
    """Do a training run from end to end, if this worker gets it; returns quietly if not.

    1. Claim it: lease and fence. 2. Embed what is approved. 3. Freeze the data set. 4. Train and
    calibrate in a process of its own. 5. Let champion and candidate sit the exams. 6. Decide.
    A second attempt finds what the first one left: embeddings, snapshot, checkpoint, model,
    evaluations. However it ends, the row says so; only a lost lease ends in silence, because the
    row then belongs to somebody else.
    """
    run = claim_run(run_id=run_id, worker=worker, lease_seconds=times.lease, now=clock())
    if run is None:
        return
    held = HeldRun(run, times=times, clock=clock)
    with keep_lease(held=held):
        try:
            decision = do_run(held=held)
        except LeaseLost:
            logger.warning("run %s: lease lost, attempt %s stops", run.pk, run.attempt)
        except RunCancelled:
            _end(held, RunState.CANCELLED, "Cancelled.")
        except (ChildCrashed, Unavailable) as error:
            _retry(held, error.code, error.detail)
        except ReviewHubError as error:
            code = str(error.data.get("code") or error.code)
            _end(held, RunState.FAILED, f"{error.title}.", code=code, error=error.detail)
        except Exception as error:
            # Whatever broke, the row must not stay "running": the log has it in full.
            logger.exception("run %s: attempt %s broke", run.pk, run.attempt)
            _retry(held, "unexpected", f"{type(error).__name__}: {error}")
        else:
            _end(held, RunState.SUCCEEDED, _outcome(decision))
            forget_work(run)


def _outcome(decision: GateDecision) -> str:
    said = f"Model {decision.challenger.number}: {Verdict(decision.verdict).label.lower()}."
    return " ".join([said, *decision.reasons[:1]])


def _end(held: HeldRun, state: RunState, message: str, *, code: str = "", error: str = "") -> None:
    with transaction.atomic():
        ended = end_run(
            run=held.run,
            state=state,
            message=message,
            error_code=code,
            error=error,
            log_tail=log_tail(work=work_folder(held.run)) if code else "",
            now=held.clock(),
        )
    if not ended:
        logger.warning("run %s: ended by somebody else", held.run.pk)


def _retry(held: HeldRun, code: str, why: str) -> None:
    retry_run(
        run=held.run,
        code=code,
        why=why,
        log_tail=log_tail(work=work_folder(held.run)),
        now=held.clock(),
    )
