from __future__ import annotations

from annotations.actions.read_judgement import read_judgement
from annotations.domain.judgements import columns_of, judgement_in
from annotations.domain.kinds import KINDS, Judgement
from annotations.domain.settling import Verdict
from annotations.errors import AnsweredOtherwise
from annotations.models import QueueEntry, Review


def check_repeats(
    stored: Review, entry: QueueEntry, *, verdict: str, label_key: str, boxes: object, reason: str
) -> None:
    """Raise AnsweredOtherwise unless what is sent under a used token is what was stored with it.

    Whoever lost the receipt of an answer and then says something else must not be told that the
    latter was stored. What `read_judgement` raises passes through.
    """
    if verdict in ("reject", "skip"):
        said = Verdict.REJECTED if verdict == "reject" else Verdict.SKIPPED
        same = (stored.verdict, stored.reason) == (said, reason)
    elif verdict == "confirm":
        # Of a blind answer nobody learns in this way whether the model had said the same.
        same = stored.verdict == Verdict.CONFIRMED and not stored.blind
    else:
        same = _judged_alike(stored, entry, read_judgement(entry, label_key=label_key, boxes=boxes))
    if not same:
        raise AnsweredOtherwise(review=str(stored.uid))


def _judged_alike(stored: Review, entry: QueueEntry, judgement: Judgement) -> bool:
    kept = judgement_in(stored.label_key, stored.answer)
    if kept is None or columns_of(judgement) == columns_of(kept):
        return kept is not None
    # What was confirmed on sight was kept as the prediction, without the rounding of the form.
    seen = stored.verdict == Verdict.CONFIRMED and not stored.blind
    return seen and KINDS[entry.project.kind].same(judgement, kept)
