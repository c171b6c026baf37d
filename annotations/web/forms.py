from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms

from annotations.models import Theme, User


class ProfileForm(forms.Form):
    """How ReviewHub looks and behaves for one person."""

    theme = forms.ChoiceField(choices=Theme.choices)
    time_zone = forms.ChoiceField(choices=())
    single_keys = forms.BooleanField(
        required=False,
        label="Single-letter keys",
        help_text="Switch off if they collide with speech input or an assistive tool.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zoneinfo.available_timezones())
        self.fields["time_zone"] = forms.ChoiceField(choices=[(zone, zone) for zone in zones])

    @staticmethod
    def initial_of(user: User) -> dict[str, object]:
        return {
            "theme": user.theme,
            "time_zone": user.time_zone,
            "single_keys": user.single_keys,
        }
