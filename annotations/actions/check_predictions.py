from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from annotations.actions.enter_items import ItemSpec, digest_of
from annotations.actions.resolve_image import refuse_other_content, resolve_image
from annotations.domain.intake import IncomingPrediction
from annotations.domain.kinds import KINDS, Answer, Kind, predicted_of
from annotations.errors import (
    InvalidAnswer,
    TaxonomyMismatch,
    UnknownTaxonomy,
)
from annotations.models import Project, StoredImage
from annotations.queries.vocabularies import Carrier, Vocabularies, Vocabulary
from reviewhub.common.actor import Actor
from reviewhub.common.errors import ReviewHubError

PredictorName = tuple[str, str]


class KnownPredictor(NamedTuple):
    """A predictor that has been seen before, and the taxonomy that it speaks for ever."""

    id: int
    taxonomy_number: int


class CheckedPrediction(NamedTuple):
    """A prediction whose answer is valid under its predictor's taxonomy and whose image decodes.

    `answer` is in the predictor's own words; `carried` says the same in those of the taxonomy in
    force, as far as it can: `gone` are the labels that have no successor there.
    """

    predictor_name: PredictorName
    vocabulary: Vocabulary
    answer: Answer
    carried: Answer
    gone: tuple[str, ...]
    item_spec: ItemSpec
    flag: str

    @property
    def predicted(self) -> str:
        """The label it predicts, in the taxonomy in force; empty where that has no such label."""
        return predicted_of(self.answer, self.carried, self.gone)


def check_predictions(
    *,
    project: Project,
    actor: Actor,
    batch: Sequence[IncomingPrediction],
    vocabularies: Vocabularies,
    known: Mapping[PredictorName, KnownPredictor],
    now: datetime,
) -> list[CheckedPrediction | ReviewHubError]:
    """Judge each prediction by itself, before any row is written; a constant number of queries.

    Images sent along are decoded and put into storage here, outside any transaction: they are
    named by content, so what is left of a batch that fails later is found again by the retry.
    """
    check = _Check(
        project=project,
        actor=actor,
        vocabularies=vocabularies,
        known=known,
        uploaded=_uploaded(project, batch),
        now=now,
    )
    return [check.judge(sent) for sent in batch]


@dataclass(frozen=True)
class _Check:
    """What all predictions of one batch are judged by."""

    project: Project
    actor: Actor
    vocabularies: Vocabularies
    known: Mapping[PredictorName, KnownPredictor]
    uploaded: Mapping[UUID, StoredImage]
    now: datetime

    @cached_property
    def kind(self) -> Kind:
        return KINDS[self.project.kind]

    @cached_property
    def carriers(self) -> Mapping[int, Carrier | None]:
        return {number: self.vocabularies.carrier(number) for number in self.vocabularies.by_number}

    def judge(self, sent: IncomingPrediction) -> CheckedPrediction | ReviewHubError:
        name = sent.predictor_name, sent.predictor_version
        try:
            image = self._image(sent)
            vocabulary, answer = self._answer(sent, self.known.get(name), image)
        except ReviewHubError as error:
            return error
        carrier = self.carriers[vocabulary.number]
        carried, gone = self.kind.carry(answer, carrier) if carrier else (answer, ())
        spec = ItemSpec(
            sent.external_id,
            digest_of(image, sent.text),
            image,
            sent.text,
            sent.source_group,
            sent.metadata,
            sent.slices,
            sent.captured_at,
        )
        return CheckedPrediction(name, vocabulary, answer, carried, gone, spec, sent.flag)

    def _image(self, sent: IncomingPrediction) -> StoredImage | None:
        refuse_other_content(self.project, image=sent.image, text=sent.text)
        return resolve_image(self.project, self.actor, sent.image, self.uploaded, self.now)

    def _answer(
        self, sent: IncomingPrediction, predictor: KnownPredictor | None, image: StoredImage | None
    ) -> tuple[Vocabulary, Answer]:
        """The answer under its predictor's taxonomy.

        A new predictor that names none speaks the newest one under which its answer is valid: a
        client that has not heard of the latest change is not refused for it.
        """
        size = (image.width, image.height) if image else None
        if predictor is None and sent.taxonomy_number is None:
            return self._newest(sent, size)
        vocabulary = self._named(sent.taxonomy_number, predictor)
        return vocabulary, self.kind.parse(sent.answer, vocabulary.keys, size=size)

    def _newest(
        self, sent: IncomingPrediction, size: tuple[int, int] | None
    ) -> tuple[Vocabulary, Answer]:
        refused: InvalidAnswer | None = None
        for vocabulary in self.vocabularies.newest_first:
            try:
                return vocabulary, self.kind.parse(sent.answer, vocabulary.keys, size=size)
            except InvalidAnswer as error:
                # What is wrong is told in the words of the taxonomy in force, which comes first.
                refused = refused or error
        raise refused or InvalidAnswer()

    def _named(self, number: int | None, predictor: KnownPredictor | None) -> Vocabulary:
        spoken = predictor.taxonomy_number if predictor else number
        if number is not None and number != spoken:
            raise TaxonomyMismatch(taxonomy=spoken)
        vocabulary = self.vocabularies.by_number.get(spoken or 0)
        if vocabulary is None:
            raise UnknownTaxonomy(taxonomy=spoken)
        return vocabulary


def _uploaded(project: Project, batch: Sequence[IncomingPrediction]) -> Mapping[UUID, StoredImage]:
    uids = {sent.image for sent in batch if isinstance(sent.image, UUID)}
    if not uids:
        return {}
    return {image.uid: image for image in project.images.filter(uid__in=uids)}


def _told(field: str, message: str) -> dict[str, str]:
    return {"field": field, "message": message}
