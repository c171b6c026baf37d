"""The label sets of a project as intake needs them: every version, and the way to the newest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from uuid import UUID

from annotations.domain.labels import carry
from annotations.domain.routing import Costs
from annotations.models import Label, Project, Taxonomy
from annotations.queries.versions import labels_in, newest_taxonomy_id

Carrier = Callable[[str], str | None]


@dataclass(frozen=True)
class Vocabulary:
    """One taxonomy: its keys in order, the findings among them, and what mistakes cost."""

    taxonomy_id: int
    number: int
    mapping: Mapping[str, str]
    labels: Sequence[Label]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(label.key for label in self.labels)

    @cached_property
    def positives(self) -> frozenset[str]:
        return frozenset(label.key for label in self.labels if label.is_positive)

    @cached_property
    def costs(self) -> Costs:
        return Costs.of(self.labels)


@dataclass(frozen=True)
class Vocabularies:
    by_number: Mapping[int, Vocabulary]

    @cached_property
    def in_force(self) -> Vocabulary:
        return self.by_number[max(self.by_number)]

    @cached_property
    def newest_first(self) -> list[Vocabulary]:
        return [self.by_number[number] for number in sorted(self.by_number, reverse=True)]

    def carrier(self, number: int) -> Carrier | None:
        """What a key of that version is called in the one in force; None where it is the one."""
        later = [self.by_number[n].mapping for n in sorted(self.by_number) if n > number]
        if not later:
            return None
        return partial(carry, mappings=later, known=frozenset(self.in_force.keys))


def vocabularies_of(project: Project) -> Vocabularies:
    """One query, however many versions and labels there are, once a process has seen them."""
    return _up_to(project.uid, newest_taxonomy_id(project))


@lru_cache(maxsize=1000)
def _up_to(project_uid: UUID, newest_id: int) -> Vocabularies:
    """No version is ever changed or slipped in before another: the newest one tells which all are.

    Raises Taxonomy.DoesNotExist where there is no such version.
    """
    newest = Taxonomy.objects.get(pk=newest_id, project__uid=project_uid)
    versions = newest.project.taxonomies.filter(number__lte=newest.number)
    return Vocabularies({each.number: _vocabulary(newest.project, each) for each in versions})


def _vocabulary(project: Project, version: Taxonomy) -> Vocabulary:
    labels = list(labels_in(project, version.pk).values())
    return Vocabulary(version.pk, version.number, version.mapping, labels)
