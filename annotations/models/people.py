from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from reviewhub.common.ids import uuid7


class Theme(models.TextChoices):
    SYSTEM = "system", "As the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class User(AbstractUser):
    """A person who logs in. Programs use an ApiKey instead."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    time_zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(
        max_length=12, default="", blank=True, help_text="Empty: the one the browser asks for."
    )
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    keymap = models.JSONField(default=dict, blank=True)
    single_keys = models.BooleanField(
        default=True, help_text="Single-letter keys act on the review page (WCAG 2.1.4)."
    )
    break_hint = models.BooleanField(
        default=True, help_text="After 25 minutes of review, a short break is suggested."
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                name="user_theme_known", condition=models.Q(theme__in=Theme.values)
            )
        ]


class Role(models.TextChoices):
    """What a person may do in one project; each role includes those before it."""

    REVIEWER = "reviewer", "Reviewer"
    LEAD = "lead", "Team lead"
    OPERATOR = "operator", "Operator"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def includes(self, other: Role) -> bool:
        return self.rank >= other.rank


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=8, choices=Role.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "project"], name="membership_once"),
            models.CheckConstraint(
                name="membership_role_known", condition=models.Q(role__in=Role.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} of {self.project}"
