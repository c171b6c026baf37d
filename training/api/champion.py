from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from training.actions.roll_back import roll_back
from training.api.bodies import rollback_in
from training.api.door import READ_MODELS, RELEASE, ReleaseView
from training.api.files import send_onnx, unless_known
from training.api.presenters import present_card, present_promotion
from training.queries.champion import champion_or_refuse


class ChampionView(ReleaseView):
    """The card of the model in force; 404 `no_champion` before the first promotion."""

    access = {"get": READ_MODELS}

    def get(self, request: Request, slug: str) -> HttpResponseBase:
        champion = champion_or_refuse(self.project.pk)
        return unless_known(request, str(champion.uid), lambda: Response(present_card(champion)))


class ChampionFileView(ReleaseView):
    """The file of the model in force, with its checksum as ETag."""

    access = {"get": READ_MODELS}

    def get(self, request: Request, slug: str) -> HttpResponseBase:
        return send_onnx(request, champion_or_refuse(self.project.pk))


class RollbackView(ReleaseView):
    access = {"post": RELEASE}

    def post(self, request: Request, slug: str) -> Response:
        reasons, expected = rollback_in(request)
        promotion = roll_back(
            project_id=self.project.pk,
            actor=self.actor,
            reasons=reasons,
            expected_champion=expected,
            now=self.now,
        )
        return Response(present_promotion(promotion))
