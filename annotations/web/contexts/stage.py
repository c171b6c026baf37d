"""What the stage shows of an item: the picture in as many pixels as it has, the text as it came."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language_info, gettext

from annotations.domain.phrases import Part, marked
from annotations.domain.texts import visible
from annotations.models import Item, Label

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True)
class ShownText:
    """A text to read; `language` is empty unless it may stand in a `lang` attribute.

    `marked_for` names the label whose phrases are marked, if any of them is there.
    """

    body: str
    parts: Sequence[Part]
    language: str
    facts: Sequence[str]
    marked_for: str = ""


def shown_text(item: Item, predicted: Label | None) -> ShownText | None:
    """None when there is no text; nothing is marked without a prediction that may be known."""
    text = item.content.text
    if text is None:
        return None
    body = visible(text)
    parts = marked(body, predicted.phrases if predicted else ())
    language = str(item.slices.get("language", ""))
    return ShownText(
        body=body,
        parts=parts,
        language=language if LANGUAGE.fullmatch(language) else "",
        facts=_facts(item.slices),
        marked_for=predicted.name if predicted and any(part.marked for part in parts) else "",
    )


def _facts(slices: Mapping[str, object]) -> list[str]:
    language, channel = str(slices.get("language", "")), str(slices.get("channel", ""))
    told = (
        (gettext("language"), language and _language_name(language)),
        (gettext("channel"), channel),
    )
    return [f"{name}: {value}" for name, value in told if value]


def _language_name(code: str) -> str:
    """“Arabic (ar)”; what nobody knows stays as it was sent."""
    try:
        name: str = get_language_info(code)["name_translated"]
    except KeyError:
        return code
    return f"{name} ({code})"
