"""The OpenAPI 3.1 schema, made of the apps' contracts; `manage.py openapi` writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from inspect import cleandoc
from typing import Any

import msgspec
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from msgspec import Struct
from rest_framework.serializers import Serializer
from rest_framework.views import APIView
from uritemplate import variables

from annotations.api.contract import CONTRACT as REVIEWING
from annotations.queries.admission import Verb
from reviewhub.common.contract import (
    Answer,
    Body,
    Contract,
    Parameter,
    ProblemDocument,
    Schema,
)
from reviewhub.common.errors import JsonDict
from reviewhub.openapi.refusals import PROBLEM, headers_of, problem_answer, refusals, shared_answers
from training.api.contract import CONTRACT as LEARNING

CONTRACTS: Contract = {**REVIEWING, **LEARNING}
REF = "#/components/schemas/{name}"

OF_EVERY_KEY = {
    "RateLimit": "What is left of the key's limits in this minute.",
    "RateLimit-Policy": "The key's limits: calls and predictions a minute.",
}
PATH_WORDS = {
    "slug": "The project.",
    "uid": "The uid, as an answer gave it.",
    "number": "The number, as an answer gave it.",
}


class Undeclared(LookupError):
    """An endpoint that no contract knows."""


class Generator(SchemaGenerator):
    """Every endpoint of the API with what its contract says; raises Undeclared."""

    def get_schema(self, request: Any = None, public: bool = True) -> JsonDict:
        """The whole document, the same whoever asks."""
        schema: JsonDict = super().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        made = {**schema["components"].get("schemas", {}), **_components()}
        schema["components"] = {
            "schemas": dict(sorted(made.items())),
            "responses": {
                name: problem_answer(*told) for name, told in sorted(shared_answers().items())
            },
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of the project: `Authorization: Bearer rh_…`.",
                }
            },
        }
        return schema


class ContractSchema(AutoSchema):
    """What DRF asks for a view's part of the schema; all but the path is told by the contract."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> JsonDict | None:
        """One operation, none for a closed method; raises Undeclared, which names the view."""
        self.registry, self.path, self.path_regex = registry, path, path_regex
        self.method = method.upper()
        if method.lower() not in methods_of(type(self.view)):
            return None
        told = CONTRACTS.get(type(self.view), {}).get(method.lower())
        if told is None:
            raise Undeclared(f"{type(self.view).__name__} says nothing of {method.upper()} {path}")
        access = getattr(self.view, "access", {}).get(method.lower())
        operation: JsonDict = {
            "operationId": told.id,
            "summary": told.summary,
            "description": f"{told.says}\n\n{_who(access) if access else ''}".strip(),
            "tags": [told.tag],
            "parameters": [
                *({**each, "description": PATH_WORDS[each["name"]]} for each in self._in_path()),
                *(_parameter(each) for each in told.parameters),
            ],
            "security": [{"key": []}] if access else [],
        }
        if told.bodies:
            operation["requestBody"] = {
                "required": not told.optional_body,
                "content": {body.media_type: self._body(body) for body in told.bodies},
            }
        limits = OF_EVERY_KEY if access else {}
        operation["responses"] = {
            **{str(status): self._answer(each, limits) for status, each in told.answers.items()},
            **refusals(told, access),
        }
        return operation

    def _in_path(self) -> list[JsonDict]:
        names = sorted(variables(self.path))
        told: list[JsonDict] = self._resolve_path_parameters(names)  # type: ignore[no-untyped-call]
        return told

    def _body(self, body: Body) -> JsonDict:
        encoding = {"encoding": dict(body.encoding)} if body.encoding else {}
        examples = {"example": body.example, **body.others}
        return self._content(body.schema, examples) | encoding

    def _answer(self, answer: Answer, limits: Mapping[str, str]) -> JsonDict:
        told: JsonDict = {"description": answer.says}
        if headers := {**limits, **answer.headers}:
            told["headers"] = headers_of(headers)
        if answer.schema is not None:
            examples = {"example": answer.example}
            told["content"] = {answer.media_type: self._content(answer.schema, examples)}
        return told

    def _content(self, schema: Schema, examples: Mapping[str, Any]) -> JsonDict:
        shown = {name: {"value": value} for name, value in examples.items()}
        return {"schema": self._schema(schema), "examples": shown}

    def _schema(self, schema: Any) -> Any:
        """A reference for each struct and serializer in it; they become components."""
        if isinstance(schema, Mapping):
            return {name: self._schema(part) for name, part in schema.items()}
        if isinstance(schema, type) and issubclass(schema, Serializer):
            return self.resolve_serializer(schema, "request").ref
        if isinstance(schema, type):
            return {"$ref": REF.format(name=schema.__name__)}
        return schema


def _components() -> JsonDict:
    """Every struct and dataclass that a contract names, and what those are made of."""
    schemas: list[Any] = [ProblemDocument]
    for methods in CONTRACTS.values():
        for told in methods.values():
            schemas += [body.schema for body in told.bodies]
            schemas += [answer.schema for answer in told.answers.values()]
    named = {each for schema in schemas for each in _types(schema)}
    _, components = msgspec.json.schema_components(named, ref_template=REF)
    for component in components.values():
        if "description" in component:
            component["description"] = cleandoc(component["description"])
    components = {name: _without_line_ends(told) for name, told in components.items()}
    components["ProblemDocument"] |= {"additionalProperties": True, "examples": [PROBLEM]}
    return components


def _without_line_ends(schema: Any) -> Any:
    """Python's `$` must be told to let no newline at the end pass; JSON Schema's lets none."""
    if isinstance(schema, dict):
        return {name: _without_line_ends(part) for name, part in schema.items()}
    if isinstance(schema, list):
        return [_without_line_ends(part) for part in schema]
    return schema.removesuffix(r"(?!\n)") if isinstance(schema, str) else schema


def _types(schema: Any) -> Iterable[type]:
    if isinstance(schema, Mapping):
        for part in schema.values():
            yield from _types(part)
    elif isinstance(schema, type) and (issubclass(schema, Struct) or is_dataclass(schema)):
        yield schema


def _parameter(told: Parameter) -> JsonDict:
    return {
        "name": told.name,
        "in": told.where,
        "description": told.says,
        "schema": told.schema,
    }


def methods_of(view: type[APIView]) -> set[str]:
    """What an endpoint takes: what `access` names; where it keeps nobody out, what it has."""
    access: Mapping[str, Any] | None = getattr(view, "access", None)
    has = {name for name in view.http_method_names if hasattr(view, name)} - {"options"}
    return has if access is None else set(access)


def _who(access: Any) -> str:
    """Which keys and which people may, as the view itself decides it."""
    verbs = "any verb" if set(access.verbs) == set(Verb) else _either(access.verbs)
    people = "" if access.role is None else f"; people from the role {access.role} on"
    return f"For keys with {verbs}{people}."


def _either(verbs: Iterable[Verb]) -> str:
    return "the verb " + " or ".join(f"`{verb}`" for verb in verbs)
