"""Where words stand: templates, Python, and tables that know no framework and cannot mark them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from annotations.domain import keymap, words
from annotations.errors import asking, content, intake, reviewing
from annotations.models import Role, Theme
from reviewhub.common import errors as common_errors
from reviewhub.common.errors import ReviewHubError

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
PACKAGES = ("reviewhub", "annotations", "training")
# Commands speak English to operators, the API to programs.
_UNSEEN = {"migrations", "management", "api", "ml"}
# Where errors are raised at people; elsewhere only programs read what they say.
RAISING = (
    "annotations/access.py",
    "annotations/actions/",
    "annotations/domain/",
    "annotations/queries/",
    "annotations/web/",
    "reviewhub/common/problems.py",
)

# Pages that only leads, operators and client programmers see stay English; all others are a
# reviewer's, a template made tomorrow included.
NOT_A_REVIEWERS = (
    "reviewhub/api_docs.html",
    "reviewhub/demo_report.html",
    "reviewhub/fragments/content.html",
    "reviewhub/fragments/endpoint.html",
    "reviewhub/fragments/fields.html",
    "reviewhub/fragments/words.html",
    "training/",
    "annotations/adjudicate.html",
    "annotations/audit.html",
    "annotations/deliveries.html",
    "annotations/item.html",
    "annotations/items.html",
    "annotations/jobs.html",
    "annotations/overview.html",
    "annotations/queue.html",
    "annotations/routing.html",
    "annotations/settings.html",
    "annotations/fragments/adjudicate_",
    "annotations/fragments/anchoring.html",
    "annotations/fragments/item_row.html",
    "annotations/fragments/jobs_table.html",
    "annotations/fragments/loop.html",
    "annotations/fragments/needs.html",
    "annotations/fragments/overview_live.html",
    "annotations/fragments/pin_example.html",
    "annotations/fragments/queue_row.html",
    "annotations/fragments/return_",
    "annotations/fragments/sentence.html",
    "annotations/fragments/settings_table.html",
    "annotations/fragments/settle_",
    "annotations/fragments/simulation",
    "annotations/fragments/story_event.html",
    "annotations/fragments/taxonomy.html",
    "components/line.html",
    "components/tabs.html",
)


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def reviewer_templates() -> list[Path]:
    """Every word of these is translated."""
    return [path for path in templates() if not named(path).startswith(NOT_A_REVIEWERS)]


def named(template: Path) -> str:
    """As other templates call it."""
    return template.relative_to(TEMPLATES).as_posix()


def modules() -> list[Path]:
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path for path in found if not _UNSEEN & {*path.parts})


def spoken() -> Iterator[str]:
    """Words of the domain, of models and of errors, translated by whoever shows them."""
    yield from (error.title for error in error_classes())
    yield from words.every_word()
    yield from (text for action in keymap.ACTIONS for text in (action.word, action.group))
    yield from map(str, (*Role.labels, *Theme.labels))


def error_classes() -> Iterable[type[ReviewHubError]]:
    """What a person at a page of review may meet."""
    modules = (common_errors, asking, content, intake, reviewing)
    for module in modules:
        for kind in vars(module).values():
            if (
                isinstance(kind, type)
                and issubclass(kind, ReviewHubError)
                and kind.__module__ == module.__name__
            ):
                yield kind
