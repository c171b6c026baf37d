"""What is said about grids, in the language of the person."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.domain.grid import Allowance, Evidence, Why
from annotations.errors import GridNotAllowed, GridTooQuick
from annotations.queries.grid_cells import Cell


def percent(share: float) -> str:
    # Rounded first: Django cuts digits off.
    return f"{number_format(round(share * 100, 1), 1)} %"


def precision_words(evidence: Evidence) -> str:
    """How often the model is right where it says a label, as far as blind answers tell."""
    if not evidence.answers:
        return _("not known yet")
    low, high = evidence.interval
    return _("%(share)s (%(low)s to %(high)s), by %(answers)s blind answers") % {
        "share": percent(evidence.share),
        "low": percent(low),
        "high": percent(high),
        "answers": number_format(evidence.answers, force_grouping=True),
    }


def why_not(allowance: Allowance, precision: float) -> str:
    """Why a label is not judged by the grid, in figures, as leads are told; empty where it is."""
    if allowance.why is Why.TOO_FEW:
        return _missing(allowance.more)
    if allowance.why is Why.NOT_PRECISE:
        return _("The model is not right surely enough: %(least)s is asked for.") % {
            "least": percent(precision)
        }
    return reason(allowance.why)


def reason(why: Why) -> str:
    """The same without a figure, as whoever judges is told; empty where it is.

    Counts of blind answers by label would tell which label the model had given a blind item.
    """
    return {
        Why.ALLOWED: "",
        Why.KIND: _("Only pictures with one label each are judged many at once."),
        Why.NOT_NAMED: _("A lead has not named this label in the settings."),
    }.get(why, _("The model is not right surely enough about this label."))


def refusal(error: GridNotAllowed | GridTooQuick) -> str:
    """The same of an error."""
    if isinstance(error, GridTooQuick):
        left = int(str(error.data["seconds"]))
        return ngettext(
            "One second more. Your marks are kept.",
            "%(left)s seconds more. Your marks are kept.",
            left,
        ) % {"left": left}
    return reason(Why(str(error.data["why"])))


def _missing(more: int) -> str:
    return ngettext(
        "One more blind answer is needed.",
        "%(more)s more blind answers are needed.",
        more,
    ) % {"more": number_format(more, force_grouping=True)}


def became(cell: Cell, grid_id: int) -> str:
    """What became of one cell of an answered grid."""
    if cell.gold_odd is not None:
        return _gold(odd=cell.gold_odd, said=bool(cell.said_odd))
    if cell.review is not None:
        return _("confirmed") if cell.review.grid_id == grid_id else _("judged one by one")
    if cell.waits:
        return _("waits on the bench")
    return _("settled by others")


def _gold(*, odd: bool, said: bool) -> str:
    """Feedback, which is what keeps people seeing the rare: the answer was known beforehand."""
    if odd:
        return _("known to be odd: you saw it") if said else _("known to be odd: missed")
    return _("known to fit: marked as odd") if said else _("known to fit")
