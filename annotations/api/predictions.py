"""Predictions come in, and the story of each can be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import Raw
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.actions.submit_predictions import (
    IncomingPrediction,
    SubmissionVerdict,
    submit_predictions,
)
from annotations.actions.withdraw_prediction import withdraw_prediction
from annotations.api.bodies import (
    PredictionBatch,
    PredictionBody,
    WithdrawalBody,
    decode,
    decode_each,
    invalid,
    lines_of,
    open_batch,
)
from annotations.api.door import Access, ProjectView
from annotations.api.paging import filters_of, limit_of, page_answer
from annotations.api.parsers import JsonBytes, NdjsonBytes, Parts
from annotations.api.sent import Sent
from annotations.api.verdicts import in_order, refused
from annotations.formats.predictions import incoming
from annotations.models import Prediction, Role, RouteOutcome, Verb
from annotations.queries.prediction_list import PredictionFilter, predictions_page
from annotations.queries.predictions import prediction_story, withdrawal_of
from reviewhub.common.errors import JsonDict, ReviewHubError
from reviewhub.common.pages import cursor_of

READ = Access((Verb.PREDICT,), Role.LEAD)


class Predictions(ProjectView):
    """POST one prediction: 201 when it is new, 200 when it was here already.

    GET those that were sent, newest first; not for reviewers, as the stories.
    """

    access = {"post": Access((Verb.PREDICT,)), "get": READ}
    parser_classes = [JsonBytes, Parts]
    counts_itself = ("POST",)

    def get(self, request: Request, slug: str) -> Response:
        filters = filters_of(request, "external_id", "outcome", "label", "predictor")
        if filters["outcome"] not in {"", *RouteOutcome.values}:
            raise invalid("outcome", f"Expected {' or '.join(RouteOutcome.values)}.")
        cursor, limit = cursor_of(request.query_params), limit_of(request)
        part = predictions_page(self.project.pk, PredictionFilter(**filters), cursor, limit)
        return page_answer(request, "predictions", part, _listed, filters)

    def post(self, request: Request, slug: str) -> Response:
        sent = Sent.read(request, "prediction")
        body = decode(sent.json, PredictionBody)
        self.spend(predictions=1)
        kept = self.keep_images(sent, [body])

        def run() -> tuple[int, JsonDict]:
            (verdict,) = self._submit([self._incoming(body, kept)])
            if verdict.error is not None:
                raise verdict.error
            return (201 if verdict.status == "created" else 200), _told(verdict, request)

        return self.once(request, kept, run)

    def _submit(self, batch: list[IncomingPrediction]) -> list[SubmissionVerdict]:
        return submit_predictions(project=self.project, actor=self.actor, batch=batch, now=self.now)

    def _incoming(self, body: PredictionBody, sent: Sent) -> IncomingPrediction:
        return incoming(body, kind=self.project.kind, image=sent.image(body.image))


class PredictionBatches(Predictions):
    """POST up to 1,000 predictions: always 200, with one verdict per item in the order sent.

    As one document, or as NDJSON: a prediction a line, where a broken line is refused alone.
    """

    access = {"post": Access((Verb.PREDICT,))}
    parser_classes = [JsonBytes, NdjsonBytes, Parts]

    def post(self, request: Request, slug: str) -> Response:
        sent = Sent.read(request, "batch")
        items = lines_of(sent.json) if sent.lines else _items(sent.json)
        self.spend(predictions=len(items))
        bodies = decode_each(items, PredictionBody)
        kept = self.keep_images(sent, bodies)

        def run() -> tuple[int, JsonDict]:
            read = [self._read(body, kept) for body in bodies]
            return 200, {"results": in_order(read, self._submit, _told, request)}

        return self.once(request, kept, run)

    def _read(
        self, body: PredictionBody | ReviewHubError, sent: Sent
    ) -> IncomingPrediction | ReviewHubError:
        if isinstance(body, ReviewHubError):
            return body
        try:
            return self._incoming(body, sent)
        except ReviewHubError as error:
            return error


class PredictionStories(ProjectView):
    """GET a prediction's story: its routes, its entry in the queue and what people settled.

    Not for reviewers: a route says whether an item is an audit, and audits are judged blind.
    """

    access = {"get": READ}

    def get(self, request: Request, slug: str, uid: UUID) -> Response:
        return Response(prediction_story(project_id=self.project.pk, uid=uid))


class PredictionWithdrawals(ProjectView):
    """POST a reason to take a prediction back; again, and the first withdrawal is the answer."""

    access = {"post": Access((Verb.PREDICT,))}
    parser_classes = [JsonBytes]

    def post(self, request: Request, slug: str, uid: UUID) -> Response:
        reason = decode(Sent.read(request, "withdrawal").json, WithdrawalBody).reason
        withdraw_prediction(
            project=self.project, prediction_uid=uid, reason=reason, actor=self.actor, now=self.now
        )
        return Response(prediction_story(project_id=self.project.pk, uid=uid))


def _items(document: bytes) -> Sequence[Raw]:
    return open_batch(document, PredictionBatch).predictions


def _listed(prediction: Prediction) -> JsonDict:
    routes = list(prediction.routes.all())
    queued = any(route.outcome == RouteOutcome.QUEUED for route in routes)
    return {
        "prediction": str(prediction.uid),
        "external_id": prediction.item.external_id,
        "item": str(prediction.item.uid),
        "predictor": {"name": prediction.predictor.name, "version": prediction.predictor.version},
        "label": prediction.label_key,
        "confidence": prediction.confidence,
        "flag": prediction.flag,
        "received_at": prediction.received_at.isoformat(),
        "outcome": RouteOutcome.QUEUED if queued else RouteOutcome.ACCEPTED,
        "reasons": [reason for route in routes for reason in route.reasons],
        "inclusion_probability": routes[0].inclusion_probability,
        "policy": routes[0].policy.number,
        "withdrawal": withdrawal_of(prediction),
    }


def _told(verdict: SubmissionVerdict, request: Request) -> JsonDict:
    if verdict.error is not None:
        return refused(verdict.error, request, verdict.external_id)
    return {
        "external_id": verdict.external_id,
        "status": verdict.status,
        "prediction": str(verdict.prediction_uid),
        "outcome": verdict.outcome,
        "reasons": list(verdict.reasons),
        "inclusion_probability": verdict.inclusion_probability,
        "policy": verdict.policy_number,
    }
