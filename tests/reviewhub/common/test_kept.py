from __future__ import annotations

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from reviewhub.common.templatetags import kept


def test_a_part_is_rendered_once_for_each_set_of_values():
    shown = Template("{% load kept %}{% kept who %}{{ who }} {{ other }}{% endkept %}")
    assert shown.render(Context({"who": "<rita>", "other": 1})) == "&lt;rita&gt; 1"
    assert shown.render(Context({"who": "<rita>", "other": 2})) == "&lt;rita&gt; 1"
    assert shown.render(Context({"who": "rolf", "other": 2})) == "rolf 2"


def test_another_language_is_another_text():
    shown = Template("{% load kept l10n %}{% kept 1 %}{{ number }}{% endkept %}")
    with translation.override("en"):
        assert shown.render(Context({"number": 1.5})) == "1.5"
    with translation.override("de"):
        assert shown.render(Context({"number": 1.5})) == "1,5"


def test_what_is_kept_does_not_grow_for_ever(monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    shown = Template("{% load kept %}{% kept who %}{{ who }}{% endkept %}")
    (node,) = [node for node in shown.nodelist if isinstance(node, kept.KeptNode)]
    for number in range(10):
        assert shown.render(Context({"who": number})) == str(number)
    assert len(node._kept) <= 3


def test_a_part_without_values_is_refused():
    with pytest.raises(TemplateSyntaxError, match="needs all values"):
        Template("{% load kept %}{% kept %}x{% endkept %}")


def test_a_live_part_is_rendered_each_time_and_elsewhere_as_it_stands():
    shown = Template(
        "{% load kept %}{% live %}{{ token }}{% endlive %}"
        "{% kept who %}[{{ who }} {% live %}{{ token }}{% endlive %} {{ other }}]{% endkept %}"
    )
    assert shown.render(Context({"who": "rita", "token": "<1>", "other": 1})) == (
        "&lt;1&gt;[rita &lt;1&gt; 1]"
    )
    assert shown.render(Context({"who": "rita", "token": "<2>", "other": 2})) == (
        "&lt;2&gt;[rita &lt;2&gt; 1]"
    )


def test_live_parts_of_loops_and_of_kept_parts_inside_stay_in_their_places():
    shown = Template(
        "{% load kept %}{% kept 1 %}{% for each in rows %}{{ each }}"
        "{% kept 2 %}({% live %}{{ token }}{% endlive %}{% live %}{{ other }}{% endlive %})"
        "{% endkept %}"
        "{% endfor %}!{% endkept %}"
    )
    for token, other in (("a", "b"), ("c", "d")):
        told = shown.render(Context({"rows": [1, 2], "token": token, "other": other}))
        assert told == f"1({token}{other})2({token}{other})!"


def test_an_error_while_something_is_kept_leaves_nothing_behind():
    shown = Template("{% load kept %}{% kept 1 %}{{ broken.name }}{% endkept %}")

    class Broken:
        @property
        def name(self):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        shown.render(Context({"broken": Broken()}))
    alive = Template("{% load kept %}{% live %}{{ token }}{% endlive %}")
    assert alive.render(Context({"token": "x"})) == "x"
