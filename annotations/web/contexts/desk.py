"""What is the same for every item that a person judges in a project, made once and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language, gettext

from annotations.domain.words import Choice, reject_reasons, skip_reasons
from annotations.models import Project, ProjectKind, User
from annotations.web.contexts.bench import address
from annotations.web.contexts.keys import Keys, keys_of


@dataclass(frozen=True)
class Undo:
    review_uid: str
    text: str


@dataclass(frozen=True)
class BenchError:
    title: str
    text: str
    problems: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Desk:
    """Addresses, keys and choices; equal only to itself, so that `{% kept %}` may know it again."""

    keys: Keys
    skip_reasons: Sequence[Choice]
    reject_reasons: Sequence[Choice]
    answer_url: str
    undo_url: str
    review_url: str
    comment_url: str
    lead_url: str
    ahead_url: str
    leave_url: str
    grids_url: str
    """Empty where many are never judged at once."""
    # Of a whole page only; named here, for a template looks long for a name that is not there.
    undo: Undo | None = None
    error: BenchError | None = None


def desk_of(project: Project, user: User) -> Desk:
    return _desk(project.slug, project.kind, keys_of(user), get_language())


@lru_cache(maxsize=1000)
def _desk(slug: str, kind: str, keys: Keys, language: str | None) -> Desk:
    return Desk(
        keys=keys,
        skip_reasons=_translated(skip_reasons(kind)),
        reject_reasons=_translated(reject_reasons(kind)),
        answer_url=address("answer", slug),
        undo_url=address("undo", slug),
        review_url=address("review", slug),
        comment_url=address("comment", slug),
        lead_url=address("send-to-lead", slug),
        ahead_url=address("ahead", slug),
        leave_url=address("leave", slug),
        grids_url=address("grids", slug) if kind == ProjectKind.IMAGE_CLASSIFICATION else "",
    )


def _translated(choices: Sequence[Choice]) -> Sequence[Choice]:
    return tuple((code, gettext(text)) for code, text in choices)
