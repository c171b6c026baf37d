"""Whether an answer of the API is one that docs/openapi.json promises: status, form and schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
from django.conf import settings

VARIABLE = re.compile(r"\{(\w+)\}")
# A slug or a number has no colon: `models/3:promote` is another address than `models/3`.
ONE_SEGMENT = r"[^/:]+"


@cache
def document() -> dict[str, Any]:
    """The committed schema."""
    text = settings.REVIEWHUB_OPENAPI.read_text(encoding="utf-8")
    return json.loads(text)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of every endpoint."""
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def broken_promise(method: str, path: str, answer: Any) -> str:
    """What is wrong with an answer; empty if it is as promised, or nothing was promised there."""
    operation = _operation(method, path)
    if operation is None or answer.status_code in (405, 500):
        return ""
    at = f"{method} {path} answered {answer.status_code}"
    told = operation["responses"].get(str(answer.status_code))
    if told is None:
        return f"{at}, which {operation['operationId']} does not promise: {answer.content[:300]!r}"
    content = resolved(told).get("content", {})
    sent = answer.headers.get("Content-Type", "").partition(";")[0]
    if not content:
        return f"{at} with a body" if getattr(answer, "content", b"") else ""
    if sent not in content:
        return f"{at} as {sent}, promised were {list(content)}"
    if "json" not in sent or method == "HEAD":
        return ""
    wrong = [
        f"{error.instance_path}: {error.message}"
        for error in validator(content[sent]["schema"]).iter_errors(json.loads(answer.content))
    ]
    return f"{at} otherwise than promised: {wrong[:5]}" if wrong else ""


def resolved(told: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in told:
        return told
    return document()["components"]["responses"][told["$ref"].rpartition("/")[2]]


def validator(schema: dict[str, Any], *, closed: bool = True) -> jsonschema_rs.Validator:
    """Of a part of the document; closed: an answer holds no field that nobody told of."""
    return _validator(json.dumps(schema), closed)


@cache
def _validator(schema: str, closed: bool) -> jsonschema_rs.Validator:
    components = _closed() if closed else document()["components"]["schemas"]
    whole = {**json.loads(schema), "components": {"schemas": components}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


@cache
def _closed() -> dict[str, Any]:
    return {
        name: {"additionalProperties": False, **schema} if "properties" in schema else schema
        for name, schema in document()["components"]["schemas"].items()
    }


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for pattern, methods in _patterns():
        if pattern.fullmatch(path):
            return methods.get(method.lower().replace("head", "get"))
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    return [
        (re.compile(VARIABLE.sub(ONE_SEGMENT, path.replace(".", r"\."))), methods)
        for path, methods in document()["paths"].items()
    ]
