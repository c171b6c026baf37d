"""The fields of the sentences in which rules are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from annotations.domain.routing.documents import MOST_A_DAY
from annotations.domain.routing.lines import LineInvalid


class Lines(forms.CharField):
    """Documents, one a line."""

    def __init__(self, read: Callable[[str], object], **kwargs: Any) -> None:
        super().__init__(
            required=False,
            max_length=20_000,
            widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
            **kwargs,
        )
        self.read = read

    def clean(self, value: Any) -> Any:
        try:
            return self.read(super().clean(value))
        except LineInvalid as fault:
            raise forms.ValidationError(str(fault)) from fault


def share(label: str, after: str = "") -> forms.FloatField:
    return forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        label=label,
        help_text=after,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


def percent(label: str, after: str) -> forms.FloatField:
    return forms.FloatField(
        required=False,
        min_value=0,
        max_value=100,
        label=label,
        help_text=after,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


def number(label: str, after: str = "", *, most: int = MOST_A_DAY) -> forms.IntegerField:
    return forms.IntegerField(
        required=False, min_value=1, max_value=most, label=label, help_text=after
    )
