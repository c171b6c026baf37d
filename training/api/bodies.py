"""What callers send to release models and start runs."""

from __future__ import annotations

from typing import cast

from rest_framework import serializers
from rest_framework.request import Request

from reviewhub.common.pages import cursor_of


class Reasons(serializers.Serializer[None]):
    """`reasons`: why, in words; kept for ever beside what they caused."""

    reasons = serializers.ListField(
        child=serializers.CharField(max_length=500), max_length=10, default=list
    )


class Rollback(Reasons):
    """`expected_champion`: the number the caller saw; another one by now is a conflict."""

    expected_champion = serializers.IntegerField(min_value=1, required=False)


def reasons_in(request: Request) -> list[str]:
    body = Reasons(data=request.data)
    body.is_valid(raise_exception=True)
    return cast("list[str]", body.validated_data["reasons"])


def rollback_in(request: Request) -> tuple[list[str], int | None]:
    body = Rollback(data=request.data)
    body.is_valid(raise_exception=True)
    return body.validated_data["reasons"], body.validated_data.get("expected_champion")


def before_in(request: Request) -> int | None:
    """The cursor of a list: what the page before called `next_before`."""
    return cursor_of(request.query_params.dict()).before
