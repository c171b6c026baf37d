from __future__ import annotations

import numpy as np

from training.domain.leakage import Leak, Trace, find_leaks

RANDOM = np.random.default_rng(0)


def trace(image: str, group: str = "", vector=None) -> Trace:
    embedding = RANDOM.normal(size=64) if vector is None else vector
    return Trace(image, group, np.asarray(embedding, np.float16))


def test_strangers_of_the_exam_may_be_learned_from() -> None:
    assert find_leaks([trace("a"), trace("b", "g")], [trace("c"), trace("d", "h")]) == {}


def test_the_same_bytes_under_another_name_leak() -> None:
    assert find_leaks([trace("b"), trace("a")], [trace("a")]) == {1: Leak.SAME_IMAGE}


def test_another_picture_of_the_same_source_leaks() -> None:
    leaks = find_leaks([trace("a", "panel-7"), trace("b", "")], [trace("c", "panel-7")])
    assert leaks == {0: Leak.SAME_GROUP}


def test_items_without_a_source_are_no_group() -> None:
    assert find_leaks([trace("a", "")], [trace("c", "")]) == {}


def test_a_copy_with_a_little_noise_leaks() -> None:
    original = RANDOM.normal(size=64)
    copy = original + RANDOM.normal(size=64) * 0.05
    leaks = find_leaks([trace("a", "", copy), trace("b")], [trace("c", "", original)])
    assert leaks == {0: Leak.NEAR_DUPLICATE}


def test_brightness_alone_does_not_hide_a_copy() -> None:
    original = RANDOM.normal(size=64)
    leaks = find_leaks([trace("a", "", original * 0.5)], [trace("c", "", original)])
    assert leaks == {0: Leak.NEAR_DUPLICATE}


def test_what_was_never_embedded_or_was_erased_is_known_by_what_is_left_of_it() -> None:
    vector = RANDOM.normal(size=64)
    asked = [trace("a"), trace("b", "panel-7"), Trace("c"), trace("", "", vector), Trace("")]
    known = [Trace("a"), Trace("", "panel-7"), trace("", "", vector)]
    leaks = find_leaks(asked, known)
    assert leaks == {0: Leak.SAME_IMAGE, 1: Leak.SAME_GROUP, 3: Leak.NEAR_DUPLICATE}


def test_nothing_leaks_without_an_exam() -> None:
    assert find_leaks([trace("a")], []) == {}
    assert find_leaks([], [trace("a")]) == {}


def test_more_candidates_than_one_block_are_all_looked_at() -> None:
    original = RANDOM.normal(size=8)
    many = [
        trace(str(at), "", RANDOM.normal(size=8) * [1, -1, 1, -1, 1, -1, 1, -1]) for at in range(3)
    ]
    copies = [trace(f"copy-{at}", "", original) for at in range(2000)]
    leaks = find_leaks([*copies, *many], [trace("x", "", original)])
    assert set(range(2000)) <= leaks.keys()
