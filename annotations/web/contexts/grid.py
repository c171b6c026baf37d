from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.access import has_role
from annotations.actions.answer_grid import GridAnswer
from annotations.domain.grid import seconds_left
from annotations.models import Grid, Label, Project, Role, User
from annotations.queries.grid_cells import Cell, cells_of, last_answered
from annotations.queries.grids import AHEAD, Offer, Offers, offers_in
from annotations.queries.marks import label_mark
from annotations.queries.versions import labels_in
from annotations.web.contexts.bench import image_url
from annotations.web.contexts.grid_words import became, precision_words, reason, why_not
from annotations.web.contexts.keys import Keys, keys_of
from annotations.web.contexts.workbench import UNDOABLE
from reviewhub.common.ids import uuid7
from reviewhub.common.pages import LabelMark


@dataclass(frozen=True)
class OfferRow:
    label: LabelMark
    url: str
    """Empty where the label is not judged by the grid; `why_not` says why."""
    why_not: str
    precision: str | None
    """For leads."""
    waiting: str


@dataclass(frozen=True)
class LastCell:
    number: int
    external_id: str
    thumb_url: str
    became: str
    review_uid: str
    """Empty where there is nothing to take back."""


@dataclass(frozen=True)
class LastGrid:
    label: LabelMark
    at: datetime
    cells: Sequence[LastCell]
    undo_url: str


@dataclass(frozen=True)
class ChoicePage:
    rows: Sequence[OfferRow]
    figures: bool
    last: LastGrid | None
    review_url: str
    title: str
    lede: str


@dataclass(frozen=True)
class ShownCell:
    position: int
    external_id: str
    image_url: str
    marked: bool
    waits: bool


@dataclass(frozen=True)
class GridPage:
    grid_uid: str
    label: LabelMark
    guideline: str
    cells: Sequence[ShownCell]
    token: str
    wait: int
    """Seconds until the rest may be confirmed."""
    keys: Keys
    answer_url: str
    leave_url: str
    choice_url: str
    last: LastGrid | None
    error: str
    title: str


def choice_page(project: Project, person: User, now: datetime) -> ChoicePage:
    """The labels in use, whether many of each may be judged at once, and the last grid.

    The figures behind it are for leads alone.
    """
    offers = offers_in(project, person, now)
    figures = has_role(person, project, Role.LEAD)
    return ChoicePage(
        rows=[_row(project, offers, offer, figures) for offer in offers.labels],
        figures=figures,
        last=_last(project, person),
        review_url=reverse("annotations:review", args=[project.slug]),
        title=_("Judge many at once"),
        lede=_(
            "Twelve or more pictures of which the model says the same: mark the odd ones, "
            "confirm the rest. Only where the model is known to be right nearly always."
        ),
    )


def grid_page(
    project: Project,
    person: User,
    grid: Grid,
    *,
    now: datetime,
    marked: Collection[int] = (),
    token: str = "",
    error: str = "",
) -> GridPage:
    """A grid as it lies before its person; `marked` and `token` are of an answer that came back."""
    offers = offers_in(project, person, now)
    label = labels_in(project, grid.taxonomy_id)[grid.label_key]
    on_screen = (now - grid.shown_at).total_seconds()
    return GridPage(
        grid_uid=str(grid.uid),
        label=LabelMark(label.name, label.colour),
        guideline=label.guideline,
        cells=[_cell(project, cell, marked) for cell in cells_of(grid)],
        token=token or str(uuid7()),
        wait=seconds_left(on_screen, least=offers.policy.grid_seconds),
        keys=keys_of(person),
        answer_url=reverse("annotations:grid", args=[project.slug, grid.label_key]),
        leave_url=reverse("annotations:leave-grid", args=[project.slug]),
        choice_url=reverse("annotations:grids", args=[project.slug]),
        last=_last(project, person),
        error=error,
        title=_("Which are not %(label)s?") % {"label": label.name},
    )


def done_sentence(answer: GridAnswer) -> str:
    """What became of a grid, in a line."""
    told = [
        ngettext("%(number)s confirmed.", "%(number)s confirmed.", answer.confirmed)
        % {"number": answer.confirmed}
    ]
    if answer.to_judge:
        told.append(
            ngettext(
                "The odd one is next.", "%(number)s odd ones come one by one.", answer.to_judge
            )
            % {"number": answer.to_judge}
        )
    if answer.skipped:
        numbers = ", ".join(map(str, answer.skipped))
        told.append(
            ngettext(
                "Number %(numbers)s had been settled meanwhile and was left out.",
                "Numbers %(numbers)s had been settled meanwhile and were left out.",
                len(answer.skipped),
            )
            % {"numbers": numbers}
        )
    return " ".join(told)


def _row(project: Project, offers: Offers, offer: Offer, figures: bool) -> OfferRow:
    label: Label = offer.label
    allowance = offer.allowance
    address = reverse("annotations:grid", args=[project.slug, label.key])
    return OfferRow(
        label=LabelMark(label.name, label.colour),
        url=address if allowance.allowed else "",
        why_not=why_not(allowance, offers.policy.grid_precision)
        if figures
        else reason(allowance.why),
        precision=precision_words(allowance.evidence) if figures else None,
        waiting=_waiting(offer.waiting),
    )


def _waiting(entries: int) -> str:
    """Nobody is helped by counting further than a look ahead."""
    number = number_format(entries, force_grouping=True)
    return f"{number}+" if entries >= AHEAD else number


def _cell(project: Project, cell: Cell, marked: Collection[int]) -> ShownCell:
    return ShownCell(
        position=cell.position,
        external_id=cell.item.external_id,
        image_url=_picture(project, cell),
        marked=cell.position in marked,
        waits=cell.waits,
    )


def _last(project: Project, person: User) -> LastGrid | None:
    grid = last_answered(project, person)
    if grid is None or grid.answered_at is None:
        return None
    return LastGrid(
        label=label_mark(labels_in(project, grid.taxonomy_id), grid.label_key),
        at=grid.answered_at,
        cells=[
            LastCell(
                number=cell.position,
                external_id=cell.item.external_id,
                thumb_url=_picture(project, cell),
                became=became(cell, grid.pk),
                review_uid=_undoable(cell, grid),
            )
            for cell in cells_of(grid)
        ],
        undo_url=reverse("annotations:undo-grid", args=[project.slug]),
    )


def _undoable(cell: Cell, grid: Grid) -> str:
    own = cell.review is not None and cell.review.grid_id == grid.pk
    return str(cell.review.uid) if own and cell.review and cell.state in UNDOABLE else ""


def _picture(project: Project, cell: Cell) -> str:
    image = cell.item.content.image
    return image_url(project, image.uid, "thumbnail") if image else ""
