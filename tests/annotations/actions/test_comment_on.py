from __future__ import annotations

import pytest

from annotations.actions.comment_on import comment_on
from annotations.domain.comments import LONGEST
from annotations.errors import CommentMissing, CommentTooLong, UnknownEntry
from annotations.models import Comment
from reviewhub.common.models import AuditEntry
from tests import factories
from tests.factories import present
from tests.races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return factories.project()


def say(cells, entry, by, text):
    return comment_on(project=cells, entry_uid=entry.uid, author=by, text=text, now=present())


def test_a_comment_is_kept_and_named_in_the_trail_without_its_words(cells):
    entry, rita = factories.queued(cells), factories.reviewer(cells)
    comment = say(cells, entry, rita, "  crack, or a scratch?\r\nAt the left edge.  ")
    assert comment.text == "crack, or a scratch?\nAt the left edge."
    (trail,) = AuditEntry.objects.filter(action="entry.comment")
    assert trail.after == {"comment": str(comment.uid)}


def test_the_same_words_twice_are_said_once(cells):
    entry, rita = factories.queued(cells), factories.reviewer(cells)
    assert say(cells, entry, rita, "a crack") == say(cells, entry, rita, "a crack ")
    say(cells, entry, factories.reviewer(cells), "a crack")
    assert Comment.objects.count() == 2


def test_what_hides_is_named(cells):
    comment = say(cells, factories.queued(cells), factories.reviewer(cells), "good\u202edab\u200b")
    assert comment.text == "good‹U+202E›dab‹U+200B›"


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u2060", "\x00"])
def test_nothing_is_no_comment(cells, text):
    with pytest.raises(CommentMissing):
        say(cells, factories.queued(cells), factories.reviewer(cells), text)


def test_a_comment_has_a_longest_length_in_characters(cells):
    entry, rita = factories.queued(cells), factories.reviewer(cells)
    assert len(say(cells, entry, rita, "ä\r\n" * (LONGEST // 2) + "")
               .text) == LONGEST - 1  # fmt: skip
    with pytest.raises(CommentTooLong) as caught:
        say(cells, entry, rita, "a" * (LONGEST + 1))
    assert caught.value.data == {"longest": LONGEST}


def test_nobody_comments_on_an_item_of_another_project(cells):
    entry = factories.queued(factories.project())
    with pytest.raises(UnknownEntry):
        say(cells, entry, factories.reviewer(cells), "mine?")


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_a_double_click_says_it_once(cells):
    entry, rita = factories.queued(cells), factories.reviewer(cells)
    one, other = at_once(*[lambda: say(cells, entry, rita, "a crack")] * 2)
    assert one == other
    assert Comment.objects.count() == 1
