from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from annotations.actions.enter_items import ItemSpec
from annotations.actions.resolve_image import resolve_image
from annotations.domain.intake import IncomingPrediction
from annotations.domain.kinds import KINDS, Answer
from annotations.errors import TaxonomyMismatch, UnknownTaxonomy
from annotations.models import Predictor, Project, Taxonomy
from reviewhub.common.actor import Actor
from reviewhub.common.errors import ReviewHubError

PredictorName = tuple[str, str]


@dataclass(frozen=True)
class CheckedPrediction:
    """A prediction whose answer is valid under its predictor's taxonomy and whose image decodes."""

    predictor_name: PredictorName
    taxonomy: Taxonomy
    answer: Answer
    item_spec: ItemSpec


def check_predictions(
    *, project: Project, actor: Actor, batch: Sequence[IncomingPrediction], now: datetime
) -> list[CheckedPrediction | ReviewHubError]:
    """Judge each prediction by itself, before any row is written; a constant number of queries.

    Images sent along are decoded and put into storage here, outside any transaction: they are
    named by content, so what is left of a batch that fails later is found again by the retry.
    """
    taxonomies = {
        taxonomy.number: taxonomy for taxonomy in project.taxonomies.prefetch_related("labels")
    }
    uploaded = {
        image.uid: image
        for image in project.images.filter(
            uid__in=[sent.image for sent in batch if isinstance(sent.image, UUID)]
        )
    }
    known = _known_predictors(project, batch)

    def judge(sent: IncomingPrediction) -> CheckedPrediction | ReviewHubError:
        name = sent.predictor_name, sent.predictor_version
        try:
            taxonomy = _taxonomy(taxonomies, sent.taxonomy_number, known.get(name))
            labels = [label.key for label in taxonomy.labels.all()]
            answer = KINDS[project.kind].parse(sent.answer, labels)
            image = resolve_image(project, actor, sent.image, uploaded, now)
        except ReviewHubError as error:
            return error
        spec = ItemSpec(sent.external_id, image, sent.source_group, dict(sent.metadata))
        return CheckedPrediction(name, taxonomy, answer, spec)

    return [judge(sent) for sent in batch]


def _known_predictors(
    project: Project, batch: Sequence[IncomingPrediction]
) -> dict[PredictorName, Predictor]:
    names = {sent.predictor_name for sent in batch}
    found = project.predictors.filter(name__in=names).select_related("taxonomy")
    return {(predictor.name, predictor.version): predictor for predictor in found}


def _taxonomy(
    taxonomies: Mapping[int, Taxonomy], number: int | None, predictor: Predictor | None
) -> Taxonomy:
    if predictor is not None:
        if number not in (None, predictor.taxonomy.number):
            raise TaxonomyMismatch(predictor=str(predictor), taxonomy=predictor.taxonomy.number)
        return taxonomies[predictor.taxonomy.number]
    wanted = max(taxonomies) if number is None else number
    if wanted not in taxonomies:
        raise UnknownTaxonomy(taxonomy=wanted)
    return taxonomies[wanted]
