from __future__ import annotations

from django.db import models
from django.db.models import Q

from reviewhub.common.ids import uuid7


class Comment(models.Model):
    """What somebody says about an entry, in words; apart from the facts, so that it can be erased.

    `text` is null once it is.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    entry = models.ForeignKey(
        "annotations.QueueEntry", on_delete=models.CASCADE, related_name="comments"
    )
    author = models.ForeignKey("annotations.User", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(null=True)  # noqa: DJ001 (erased is not empty)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="comment_says_something", condition=~Q(text=""))]
        indexes = [models.Index(fields=["author", "-created_at"], name="comment_recent")]

    def __str__(self) -> str:
        return f"comment {self.uid}"


class ReferralTo(models.TextChoices):
    LEAD = "lead", "To a lead"
    REVIEWER = "reviewer", "Back to a reviewer"


class Referral(models.Model):
    """An entry handed to somebody who should judge it: to the leads, or back to its reviewer.

    Closed when they have.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    entry = models.ForeignKey(
        "annotations.QueueEntry", on_delete=models.CASCADE, related_name="referrals"
    )
    to = models.CharField(max_length=8, choices=ReferralTo.choices)
    reviewer = models.ForeignKey(
        "annotations.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="referrals",
        help_text="Whom a lead has returned it to.",
    )
    referred_by = models.ForeignKey("annotations.User", on_delete=models.PROTECT, related_name="+")
    comment = models.ForeignKey(
        Comment, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="referral_to_known", condition=Q(to__in=ReferralTo.values)),
            models.CheckConstraint(
                name="referral_back_names_the_reviewer",
                condition=Q(to="reviewer", reviewer__isnull=False)
                | Q(to="lead", reviewer__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(closed_at__isnull=True), name="referral_open_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["reviewer"],
                name="referral_returned_to",
                condition=Q(to="reviewer", closed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"referral {self.uid}"
