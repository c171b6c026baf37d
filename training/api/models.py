from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from training.actions.promote_model import promote_model
from training.api.bodies import before_in, reasons_in
from training.api.door import READ_MODELS, RELEASE, ReleaseView
from training.api.files import send_onnx
from training.api.presenters import present_model, present_promotion, present_report
from training.queries.champion import model_numbered
from training.queries.model_report import model_report
from training.queries.models_page import models_page


class ModelsView(ReleaseView):
    """All models, newest first; `?before=<next_before>` goes on."""

    access = {"get": READ_MODELS}

    def get(self, request: Request, slug: str) -> Response:
        page = models_page(self.project.pk, before=before_in(request))
        rows = [present_model(row) for row in page.rows]
        return Response({"models": rows, "next_before": page.next_before})


class ModelView(ReleaseView):
    """One model with its card, its evaluations and what the gate said."""

    access = {"get": READ_MODELS}

    def get(self, request: Request, slug: str, number: int) -> Response:
        model = model_numbered(self.project.pk, number)
        return Response(present_report(model, model_report(self.project.pk, number)))


class ModelFileView(ReleaseView):
    access = {"get": READ_MODELS}

    def get(self, request: Request, slug: str, number: int) -> HttpResponseBase:
        return send_onnx(request, model_numbered(self.project.pk, number))


class PromoteView(ReleaseView):
    access = {"post": RELEASE}

    def post(self, request: Request, slug: str, number: int) -> Response:
        promotion = promote_model(
            project_id=self.project.pk,
            model_version=model_numbered(self.project.pk, number),
            actor=self.actor,
            reasons=reasons_in(request),
            now=self.now,
        )
        return Response(present_promotion(promotion))
