"""Whether somebody has read the guideline of the labels that they judge by, and what is new in it.

Asked for every item that is put before people, so what was once answered with "nothing to read" is
remembered by the process: a reading is never taken back, and a version never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from annotations.domain.guideline_changes import Change, changes_between
from annotations.models import GuidelineReading, Label, Membership, Project, Taxonomy, User
from annotations.queries.versions import newest_taxonomy_id, taxonomy

REMEMBERED = 10_000


@dataclass(frozen=True)
class Reading:
    """What a person has to read: all of a version, or what has changed since another.

    `text` is the general guideline, empty where it is the one they know.
    """

    number: int
    since: int | None
    text: str
    labels: Sequence[Label]
    changes: Sequence[Change]

    @property
    def says_something(self) -> bool:
        guided = self.since is None and any(label.guideline.strip() for label in self.labels)
        return bool(self.text.strip() or self.changes or guided)


def has_read(project: Project, user: User, taxonomy_id: int) -> bool:
    """Whether nothing of this version is left to read; costs nothing once it was true."""
    key = (project.uid, user.uid, taxonomy_id)
    if key in _read:
        return True
    if reading_of(project, user, taxonomy_id) is not None:
        return False
    if len(_read) >= REMEMBERED:
        _read.clear()
    _read.add(key)
    return True


_read: set[tuple[UUID, UUID, int]] = set()


def newest_reading(project: Project, user: User) -> Reading | None:
    """What of the version in force this person has yet to read."""
    newest = newest_taxonomy_id(project)
    return None if has_read(project, user, newest) else reading_of(project, user, newest)


def reading_of(project: Project, user: User, taxonomy_id: int) -> Reading | None:
    """What of one version this person has yet to read; None if they read it, or a later one."""
    version = taxonomy(project, taxonomy_id)
    last = _last_read(project, user)
    if last is not None and last.number >= version.number:
        return None
    base = last or _known_from_the_start(project, user, version)
    reading = _whole(version) if base is None else _changed(project, base, version)
    return reading if reading.says_something else None


def _last_read(project: Project, user: User) -> Taxonomy | None:
    read = GuidelineReading.objects.filter(user=user, taxonomy__project=project)
    number = read.order_by("-taxonomy__number").values_list("taxonomy", flat=True).first()
    return taxonomy(project, number) if number is not None else None


def _known_from_the_start(project: Project, user: User, version: Taxonomy) -> Taxonomy | None:
    """The version in force when they joined, if it had no text: they were asked nothing then."""
    joined = Membership.objects.filter(project=project, user=user).first()
    if joined is None:
        return None
    earlier = project.taxonomies.filter(
        created_at__lte=joined.created_at, number__lte=version.number
    )
    number = earlier.order_by("-number").values_list("pk", flat=True).first()
    base = taxonomy(project, number) if number is not None else None
    return base if base is not None and not _whole(base).says_something else None


def _whole(version: Taxonomy) -> Reading:
    return Reading(
        number=version.number,
        since=None,
        text=version.guidelines,
        labels=list(version.labels.all()),
        changes=(),
    )


def _changed(project: Project, base: Taxonomy, version: Taxonomy) -> Reading:
    between = project.taxonomies.filter(number__gt=base.number, number__lte=version.number)
    labels = list(version.labels.all())
    return Reading(
        number=version.number,
        since=base.number,
        text="" if version.guidelines.strip() == base.guidelines.strip() else version.guidelines,
        labels=labels,
        changes=changes_between(
            list(base.labels.all()),
            labels,
            list(between.order_by("number").values_list("mapping", flat=True)),
        ),
    )
