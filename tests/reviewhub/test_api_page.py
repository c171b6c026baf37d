"""Types and limits in words, as the page of the API tells them."""

from __future__ import annotations

import pytest

from reviewhub.api_page import Word, api_page


def told(schema: dict, description: str = "") -> tuple[str, str, list[Word]]:
    """Type, limits and links of the only field of a document's only component."""
    component = {"properties": {"field": schema | {"description": description}}}
    document = {
        "info": {"description": ""},
        "paths": {},
        "components": {"schemas": {"Thing": component}},
    }
    (field,) = api_page(document, "/openapi.json").components[0].fields
    return "".join(word.text for word in field.kind), field.limits, list(field.kind)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "format": "uuid"}, "uuid"),
        ({"type": "integer"}, "integer"),
        ({}, "anything"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Other"}}, "list of Other"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"enum": ["learn", "validate"]}, "learn or validate"),
        ({"type": "object"}, "object"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "object of number"),
        (
            {
                "type": "object",
                "properties": {"batch": {"type": "string"}},
                "additionalProperties": {"format": "binary"},
            },
            "fields batch (string), any other name (binary)",
        ),
    ],
)
def test_a_type_is_told_in_words(schema, words) -> None:
    assert told(schema)[0] == words


def test_a_component_is_linked() -> None:
    assert told({"$ref": "#/components/schemas/Other"})[2] == [Word("Other", url="#Other")]


def test_limits_are_told_also_of_what_may_be_null() -> None:
    number = {"type": "integer", "minimum": 1, "maximum": 9}
    assert told(number)[1] == "≥ 1, ≤ 9"
    assert told({"anyOf": [number, {"type": "null"}], "default": None})[1] == (
        "≥ 1, ≤ 9, without it null"
    )
