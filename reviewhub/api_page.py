"""The API's schema as a page: what the template shows, made of the document alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from reviewhub.common.errors import JsonDict

LIMITS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "like {}",
}


@dataclass(frozen=True)
class Word:
    """A piece of a line: plain text, code, or a link to a part of the page."""

    text: str
    code: bool = False
    url: str = ""


Words = tuple[Word, ...]


@dataclass(frozen=True)
class Field:
    name: str
    kind: Words
    limits: str
    required: bool
    says: Words = ()


@dataclass(frozen=True)
class Content:
    """One form of a body, with an example in full."""

    media_type: str
    kind: Words
    example: str


@dataclass(frozen=True)
class Answer:
    """One status; a refusal's words are its codes."""

    status: str
    says: Words
    contents: tuple[Content, ...]


@dataclass(frozen=True)
class Endpoint:
    id: str
    method: str
    path: str
    summary: str
    says: tuple[Words, ...]
    parameters: tuple[Field, ...]
    bodies: tuple[Content, ...]
    answers: tuple[Answer, ...]
    refusals: tuple[Answer, ...]


@dataclass(frozen=True)
class Group:
    name: str
    id: str
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True)
class Component:
    name: str
    says: Words
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class ApiPage:
    title: str
    lede: str
    schema_url: str
    groups: tuple[Group, ...]
    components: tuple[Component, ...]


def api_page(document: JsonDict, schema_url: str) -> ApiPage:
    """The whole API in the order of its paths, by tag, and every component below."""
    tagged: dict[str, list[Endpoint]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            endpoint = _endpoint(document, path, method, operation)
            tagged.setdefault(operation["tags"][0], []).append(endpoint)
    return ApiPage(
        title="The API",
        lede=document["info"]["description"],
        schema_url=schema_url,
        groups=tuple(
            Group(tag, tag.lower().replace(" ", "-"), tuple(endpoints))
            for tag, endpoints in tagged.items()
        ),
        components=tuple(
            Component(name, _marked(schema.get("description", "")), tuple(_fields(schema)))
            for name, schema in document["components"]["schemas"].items()
        ),
    )


def _endpoint(document: JsonDict, path: str, method: str, operation: JsonDict) -> Endpoint:
    answers = [
        _answer(status, _resolved(document, told))
        for status, told in sorted(operation["responses"].items())
    ]
    return Endpoint(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        says=tuple(_marked(part) for part in operation["description"].split("\n\n")),
        parameters=tuple(_parameter(each) for each in operation["parameters"]),
        bodies=tuple(_contents(operation.get("requestBody", {}))),
        answers=tuple(each for each in answers if each.status < "4"),
        refusals=tuple(each for each in answers if each.status >= "4"),
    )


def _answer(status: str, told: JsonDict) -> Answer:
    return Answer(status, _marked(told["description"]), tuple(_contents(told)))


def _parameter(told: JsonDict) -> Field:
    return Field(
        name=f"{told['name']} ({told['in']})",
        kind=_kind(told["schema"]),
        limits=_limits(told["schema"]),
        required=told.get("required", False),
        says=_marked(told["description"]),
    )


def _contents(told: JsonDict) -> Iterator[Content]:
    for media_type, content in told.get("content", {}).items():
        for example in content.get("examples", {"": {"value": None}}).values():
            value = example["value"]
            text = json.dumps(value, indent=2, ensure_ascii=False)
            yield Content(
                media_type,
                _kind(content["schema"]),
                value if isinstance(value, str) else text,
            )


def _fields(schema: JsonDict) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, told in schema.get("properties", {}).items():
        yield Field(
            name=name,
            kind=_kind(told),
            limits=_limits(told),
            required=name in required,
            says=_marked(told.get("description", "")),
        )


def _kind(schema: JsonDict) -> Words:
    """A type in words, such as “list of NewPrediction or RefusedItem”, linked to components."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return (Word(name, url=f"#{name}"),)
    if "anyOf" in schema:
        return _joined([_kind(each) for each in schema["anyOf"]], " or ")
    if "enum" in schema:
        return _joined([(Word(str(each), code=True),) for each in schema["enum"]], " or ")
    if schema.get("type") == "array":
        return (Word("list of "), *_kind(schema.get("items", {})))
    if schema.get("type") == "object":
        return _object(schema)
    return (Word(schema.get("format") or schema.get("type", "anything")),)


def _object(schema: JsonDict) -> Words:
    if "properties" in schema:
        return (Word("fields "), *_joined([_named(*each) for each in _parts(schema)], ", "))
    if isinstance(schema.get("additionalProperties"), Mapping):
        return (Word("object of "), *_kind(schema["additionalProperties"]))
    return (Word("object"),)


def _parts(schema: JsonDict) -> list[tuple[str, JsonDict]]:
    rest = schema.get("additionalProperties")
    return [
        *schema["properties"].items(),
        *([("any other name", rest)] if isinstance(rest, Mapping) else []),
    ]


def _named(name: str, schema: JsonDict) -> Words:
    return (Word(name, code=True), Word(" ("), *_kind(schema), Word(")"))


def _limits(schema: JsonDict) -> str:
    inner: Any = next(
        (each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema
    )
    told = [text.format(inner[name]) for name, text in LIMITS.items() if name in inner]
    if "default" in schema:
        told.append(f"without it {json.dumps(schema['default'])}")
    return ", ".join(told)


def _marked(text: str) -> Words:
    """Text with `code` in backticks."""
    parts = " ".join(text.split()).split("`")
    return tuple(Word(part, code=bool(at % 2)) for at, part in enumerate(parts) if part)


def _joined(parts: list[Words], between: str) -> Words:
    return reduce(lambda one, other: (*one, Word(between), *other), parts) if parts else ()


def _resolved(document: JsonDict, told: JsonDict) -> JsonDict:
    """An answer itself where the document only refers to it."""
    if "$ref" not in told:
        return told
    found: JsonDict = document["components"]["responses"][told["$ref"].rpartition("/")[2]]
    return found
