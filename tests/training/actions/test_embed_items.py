from __future__ import annotations

import numpy as np
import pytest
from django.core.files.storage import storages

from tests.factories import present, project
from tests.races import at_once
from tests.training.builders import approved, colour_backbone
from training.actions.embed_items import CHUNK, embed_items
from training.actions.ready_backbone import ReadyBackbone
from training.errors import ArtefactRefused, RunCancelled
from training.models import Embedding
from training.queries.embeddings import embeddings_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def backbone(tmp_path):
    return colour_backbone(tmp_path)


def embed(items, backbone, report=lambda share, message: None) -> int:
    ids = [item.pk for item in items]
    return embed_items(item_ids=ids, backbone=backbone, report=report, clock=present)


def items_of(cells, number: int):
    return [approved(cells, fold="learn", level=40 + number) for number in range(number)]


def test_each_item_gets_its_half_precision_vector_once(backbone) -> None:
    items = items_of(project(), 3)
    assert embed(items, backbone) == 3
    assert embed(items, backbone) == 0
    vectors = embeddings_of([item.pk for item in items], backbone_digest=backbone.digest)
    assert vectors[items[1].pk].dtype == np.float16
    assert vectors[items[1].pk] == pytest.approx([41, 41, 41], abs=3)


def test_progress_is_told_as_a_share_and_in_words(backbone) -> None:
    told = []
    embed(items_of(project(), 2), backbone, lambda share, words: told.append((share, words)))
    assert told == [(0.0, "Embedding item 1 of 2.")]


def test_what_was_done_before_an_interruption_is_kept(backbone) -> None:
    items = items_of(project(), CHUNK + 2)

    def stop_at_the_second_chunk(share: float, _: str) -> None:
        if share > 0:
            raise RunCancelled

    with pytest.raises(RunCancelled):
        embed(items, backbone, stop_at_the_second_chunk)
    assert Embedding.objects.count() == CHUNK
    assert embed(items, backbone) == 2


def test_an_item_whose_image_is_gone_is_left_out(backbone) -> None:
    first, lost = items_of(project(), 2)
    storages["originals"].delete(lost.content.image.original_key)
    assert embed([first, lost], backbone) == 1
    assert embeddings_of([lost.pk], backbone_digest=backbone.digest) == {}


def test_a_backbone_that_was_changed_is_not_ready(backbone) -> None:
    backbone.onnx.write_bytes(b"something else")
    assert ReadyBackbone.read(backbone.folder) is None
    with pytest.raises(ArtefactRefused):
        embed(items_of(project(), 1), backbone)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_only_waste_some_work(backbone) -> None:
    items = items_of(project(), 40)
    told = at_once(*[lambda: embed(items, backbone)] * 3)
    assert all(isinstance(one, int) for one in told), told
    assert Embedding.objects.count() == 40
