from __future__ import annotations

from pathlib import Path

import pytest

from examples.solar_cells.cells import Cell, load_cells, share_out


def all_cells() -> list[Cell]:
    """As many as there are, without the photos."""
    grades = (0.0, 1 / 3, 2 / 3, 1.0)
    return [
        Cell(f"cell{number:04d}", Path("none"), grades[number % 4], mono=number >= 1550)
        for number in range(2624)
    ]


def test_the_labels_of_the_package_are_read_as_it_writes_them(tmp_path) -> None:
    (tmp_path / "labels.csv").write_text(
        "images/cell0001.png  1.0                 mono\n"
        "images/cell0002.png  0.3333333333333333  poly\n"
    )
    first, second = load_cells(tmp_path)
    assert (first.external_id, first.label, first.mono) == ("cell0001", "defect", True)
    assert first.path == tmp_path / "images" / "cell0001.png"
    assert (second.label, second.metadata) == ("ok", {"wafer": "polycrystalline"})


def test_no_cell_plays_two_parts_and_none_is_left_out() -> None:
    parts = share_out(all_cells(), seed=1)
    played = [cell.external_id for part in vars(parts).values() for cell in part]
    assert len(played) == len(set(played)) == 2624
    assert [len(part) for part in vars(parts).values()] == [1100, 50, 400, 600, 474]
    assert not any(cell.mono for cell in (*parts.known, *parts.poly_line, *parts.poly_held_out))


@pytest.mark.parametrize(("other", "alike"), [(1, True), (2, False)])
def test_a_seed_always_gives_the_same_parts(other, alike) -> None:
    assert (share_out(all_cells(), seed=1) == share_out(all_cells(), seed=other)) is alike
