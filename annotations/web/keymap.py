"""A person's own keys: look at them, change them, go back to those that were shipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from annotations.actions.revise_keymap import revise_keymap
from annotations.domain.keymap import ACTIONS, layout_of, own_keys
from annotations.errors import KeymapInvalid
from annotations.models import User
from annotations.queries.label_hotkeys import label_hotkeys
from annotations.web.contexts.keymap import keys_page


@login_required
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    hotkeys = label_hotkeys(user)
    if request.method == "GET":
        return render(
            request, "annotations/keys.html", {"page": keys_page(user=user, hotkeys=hotkeys)}
        )
    asked = _asked(request.POST, user.keymap)
    layout = request.POST.get("layout", layout_of(user.keymap))
    try:
        revise_keymap(user=user, layout=layout, keys=asked, label_hotkeys=hotkeys)
    except KeymapInvalid as error:
        page = keys_page(user=user, hotkeys=hotkeys, refused=error, typed=asked)
        return render(request, "annotations/keys.html", {"page": page}, status=422)
    messages.success(request, gettext("Keys saved."))
    return redirect("annotations:keys")


def _asked(form: QueryDict, document: Mapping[str, object]) -> Mapping[str, str]:
    """The keys of the form; of a form that has none, the person's own stay, or are forgotten."""
    if "reset" in form:
        return {}
    sent = {action.name: f"key_{action.name}" for action in ACTIONS}
    typed = {name: str(form[field])[:80] for name, field in sent.items() if field in form}
    return typed or own_keys(document)
