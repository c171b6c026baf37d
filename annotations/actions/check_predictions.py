from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from annotations.actions.enter_items import ItemSpec, digest_of
from annotations.actions.resolve_image import (
    KnownImage,
    refuse_other_content,
    resolve_image,
    uploaded_images,
)
from annotations.domain.intake import IncomingPrediction
from annotations.domain.kinds import KINDS, Answer, Kind, predicted_of
from annotations.domain.kinds.answers import Size
from annotations.errors import InvalidAnswer, PredictorReserved, UnknownTaxonomy
from annotations.models import Project
from annotations.queries.vocabularies import Carrier, Vocabularies, Vocabulary
from reviewhub.common.actor import Actor
from reviewhub.common.errors import ReviewHubError

PredictorName = tuple[str, str]


class KnownPredictor(NamedTuple):
    """A predictor that has been seen before, and the taxonomy it speaks where it names none."""

    id: int
    taxonomy_number: int


class CheckedPrediction(NamedTuple):
    """A prediction whose answer is valid under a taxonomy it may be in, and whose image decodes.

    `answer` is in the words of `vocabulary`, which is what the client named, or what the predictor
    speaks, or, where that does not know a label that the client still uses, an older one. `carried`
    says the same in those of the taxonomy in force, as far as it can: `gone` are the labels that
    have no successor there.
    """

    predictor_name: PredictorName
    vocabulary: Vocabulary
    answer: Answer
    carried: Answer
    gone: tuple[str, ...]
    item_spec: ItemSpec
    flag: str
    predictor_speaks: Vocabulary

    @property
    def is_in_other_words(self) -> bool:
        return self.vocabulary is not self.predictor_speaks

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
        spoken=_spoken(KINDS[project.kind], batch, vocabularies, known),
        uploaded=uploaded_images(project, (sent.image for sent in batch)),
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
    spoken: Mapping[PredictorName, int]
    uploaded: Mapping[UUID, KnownImage]
    now: datetime

    @cached_property
    def kind(self) -> Kind:
        return KINDS[self.project.kind]

    @cached_property
    def carriers(self) -> Mapping[int, Carrier | None]:
        return {number: self.vocabularies.carrier(number) for number in self.vocabularies.by_number}

    def judge(self, sent: IncomingPrediction) -> CheckedPrediction | ReviewHubError:
        name = _name(sent)
        try:
            self._refuse_our_name(name)
            image = self._image(sent)
            spoken = self._vocabulary(self.spoken[name])
            size = (image.width, image.height) if image else None
            vocabulary, answer = self._read(sent, spoken, size)
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
        return CheckedPrediction(name, vocabulary, answer, carried, gone, spec, sent.flag, spoken)

    def _refuse_our_name(self, name: PredictorName) -> None:
        """Training makes versions of the project's own name; a client speaks for those it made."""
        if name[0] == self.project.slug and name not in self.known:
            raise PredictorReserved(predictor=name[0], version=name[1])

    def _image(self, sent: IncomingPrediction) -> KnownImage | None:
        refuse_other_content(self.project, image=sent.image, text=sent.text)
        return resolve_image(self.project, self.actor, sent.image, self.uploaded, self.now)

    def _read(
        self, sent: IncomingPrediction, spoken: Vocabulary, size: Size | None
    ) -> tuple[Vocabulary, Answer]:
        """The answer and the words it is in: the predictor's, or else older ones, the newest first.

        A predictor is bound by its first batch, which may have used only labels that both sets
        know. Who names a taxonomy is held to it, whatever the predictor began with: a line that
        still runs the old client must not be refused for what its neighbour said first.
        """
        if sent.taxonomy_number is not None:
            named = self._vocabulary(sent.taxonomy_number)
            return named, self.kind.parse(sent.answer, named.keys, size=size)
        try:
            return spoken, self.kind.parse(sent.answer, spoken.keys, size=size)
        except InvalidAnswer:
            for older in self._older(spoken):
                with suppress(InvalidAnswer):
                    return older, self.kind.parse(sent.answer, older.keys, size=size)
            raise

    def _older(self, spoken: Vocabulary) -> Iterator[Vocabulary]:
        """Older versions that know a label which this one does not."""
        known = set(spoken.keys)
        for each in self.vocabularies.newest_first:
            if each.number < spoken.number and not known.issuperset(each.keys):
                yield each

    def _vocabulary(self, number: int) -> Vocabulary:
        vocabulary = self.vocabularies.by_number.get(number)
        if vocabulary is None:
            raise UnknownTaxonomy(taxonomy=number)
        return vocabulary


def _spoken(
    kind: Kind,
    batch: Sequence[IncomingPrediction],
    vocabularies: Vocabularies,
    known: Mapping[PredictorName, KnownPredictor],
) -> dict[PredictorName, int]:
    """The number of the taxonomy that each predictor of the batch speaks where it names none.

    Of a new one that is the newest it names here, or the newest under which most of what it says
    here is valid: a client that has not heard of the latest change is not refused for it.
    """
    spoken = {name: predictor.taxonomy_number for name, predictor in known.items()}
    strangers = {_name(sent) for sent in batch} - spoken.keys()
    for name in strangers:
        words = [sent for sent in batch if _name(sent) == name]
        named = vocabularies.by_number.keys() & {sent.taxonomy_number for sent in words}
        spoken[name] = max(named) if named else _best(kind, words, vocabularies)
    return spoken


def _best(kind: Kind, words: Sequence[IncomingPrediction], vocabularies: Vocabularies) -> int:
    newest_first = vocabularies.newest_first
    if len(newest_first) == 1:
        return newest_first[0].number

    def valid(vocabulary: Vocabulary) -> int:
        return sum(_is_valid(kind, sent, vocabulary) for sent in words)

    return max(newest_first, key=valid).number


def _name(sent: IncomingPrediction) -> PredictorName:
    return sent.predictor_name, sent.predictor_version


def _is_valid(kind: Kind, sent: IncomingPrediction, vocabulary: Vocabulary) -> bool:
    try:
        kind.parse(sent.answer, vocabulary.keys)
    except InvalidAnswer:
        return False
    return True
