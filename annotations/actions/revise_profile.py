from __future__ import annotations

from annotations.models import User


def revise_profile(
    *,
    user: User,
    theme: str,
    language: str,
    time_zone: str,
    single_keys: bool,
    break_hint: bool,
) -> User:
    """Store how ReviewHub looks for one person; their own affair, so no audit row is written."""
    user.theme = theme
    user.language = language
    user.time_zone = time_zone
    user.single_keys = single_keys
    user.break_hint = break_hint
    user.save(update_fields=["theme", "language", "time_zone", "single_keys", "break_hint"])
    return user
