from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotations.models import Theme, User


class ProfileForm(forms.Form):
    """How ReviewHub looks and behaves for one person."""

    theme = forms.ChoiceField(label=_("Theme"))
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    single_keys = forms.BooleanField(
        required=False,
        label=_("Single-letter keys"),
        help_text=_("Switch off if they collide with speech input or an assistive tool."),
    )
    break_hint = forms.BooleanField(
        required=False, label=_("Suggest a short break after 25 minutes of review")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("theme", ((value, gettext(label)) for value, label in Theme.choices))
        self._choose("language", [("", gettext("As the browser")), *settings.LANGUAGES])
        self._choose("time_zone", ((zone, zone) for zone in sorted(zoneinfo.available_timezones())))

    @staticmethod
    def initial_of(user: User) -> dict[str, object]:
        return {
            "theme": user.theme,
            "language": user.language,
            "time_zone": user.time_zone,
            "single_keys": user.single_keys,
            "break_hint": user.break_hint,
        }

    def _choose(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)
