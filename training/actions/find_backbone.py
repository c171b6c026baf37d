from __future__ import annotations

from datetime import datetime

from annotations.queries.routed import Watch
from training.actions.embed_items import Backbone
from training.actions.ensure_policies import ensure_policies
from training.actions.ready_backbone import ready_backbone_now
from training.inference.texts import TextEmbedder
from training.models import ModelVersion

EXPORT_SECONDS = 150.0


def find_backbone(*, watch: Watch, champion: ModelVersion | None, now: datetime) -> Backbone:
    """What embeds the items of a project outside of runs: that of its champion, if it has one.

    Texts are embedded by their letters. Raises what `ready_backbone_now` raises.
    """
    if watch.kind == "text_classification":
        return TextEmbedder()
    policy = (
        champion.run.policy
        if champion
        else ensure_policies(project_id=watch.project_id, now=now).training
    )
    return ready_backbone_now(name=policy.backbone, seconds=EXPORT_SECONDS)
