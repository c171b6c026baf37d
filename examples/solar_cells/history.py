"""What a plant has before it begins: cells whose grade is known, sent in with their labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from examples.solar_cells.cells import Cell
from examples.solar_cells.client import Api

BATCH = 100


class ImportRefused(Exception):
    """The server refused a cell; the message is its own."""


def send_known(api: Api, cells: Sequence[Cell]) -> Iterator[int]:
    """Batch by batch with image and label; yields how many are in. Raises ImportRefused."""
    for start in range(0, len(cells), BATCH):
        batch = cells[start : start + BATCH]
        files = {cell.external_id: cell.path.read_bytes() for cell in batch}
        document = {"annotations": [_annotation(cell) for cell in batch]}
        told = api.post_parts("/annotations:import", "batch", document, files).json()
        refused = [each for each in told["results"] if each["status"] == "refused"]
        if refused:
            raise ImportRefused(f"{refused[0]['external_id']}: {refused[0]['error']['title']}")
        yield start + len(batch)


def _annotation(cell: Cell) -> dict[str, object]:
    return {
        "external_id": cell.external_id,
        "label": cell.label,
        "image": {"part": cell.external_id},
        "metadata": cell.metadata,
    }
