"""Rules by class, slice and metadata as people write them, one a line.

    line 3 after maintenance: line = 3
    cracks at night: class = crack, "deep crack"; metadata.shift = night

and what differs by them:

    class = crack; line = 3: low_confidence = 0.95, dissent = off
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from annotations.domain.routing.parts import Due, NamedRule, Override, When, word
from reviewhub.common.errors import JsonDict

CLASS = "class"
METADATA = "metadata."
"""Begins the name of a field; what follows may stand in quotes."""
DUE = "due"
"""The minutes in which an answer is wanted, among the conditions of a rule."""
SWITCHES = ("disagreement", "client_flag")
NOTHING_FOUND = "nothing"
"""How a line names the answer that nothing is there; a label of that name must be quoted."""

_TOKEN = re.compile(r'\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<sign>[:;,=])|(?P<bare>[^":;,=]+))\s*')
_PLAIN = re.compile(r'[^":;,=\s](?:[^":;,=\x00-\x1f\x7f\x85\u2028\u2029]*[^":;,=\s])?')


class LineInvalid(ValueError):
    """Says in words what cannot be read; the caller adds which line it is."""


class _Token(NamedTuple):
    sign: str
    text: str
    is_quoted: bool = False


def rules_as_text(rules: Iterable[NamedRule]) -> str:
    return "\n".join(
        f"{_written(rule.name)}: {_conditions(rule.when)}"
        + (f"; {DUE} = {rule.due_minutes}" if rule.due_minutes else "")
        for rule in rules
    )


def overrides_as_text(overrides: Iterable[Override]) -> str:
    return "\n".join(
        f"{_conditions(each.when)}: {', '.join(_settings(each.set))}" for each in overrides
    )


def due_as_text(due: Due) -> str:
    return "\n".join(f"{name} = {minutes}" for name, minutes in due.minutes.items())


def due_from_text(text: str) -> JsonDict:
    """Minutes by reason, not yet checked; LineInvalid names the line."""
    return dict(_due(line) for line in _lines(text))


def rules_from_text(text: str) -> list[JsonDict]:
    """Documents of named rules, not yet checked; LineInvalid names the line."""
    return [_rule(line) for line in _lines(text)]


def overrides_from_text(text: str) -> list[JsonDict]:
    """Documents of overrides, not yet checked; LineInvalid names the line."""
    return [_override(line) for line in _lines(text)]


class _Line:
    """The tokens of one line, taken from the left."""

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.tokens: list[_Token] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self.fault(f"cannot be read from {text[at : at + 20]!r} on")
            self.tokens.append(_token(match))
            at = match.end()

    def fault(self, told: str) -> LineInvalid:
        return LineInvalid(f"Line {self.number} {told}.")

    def word(self, what: str) -> _Token:
        if not self.tokens or self.tokens[0].sign:
            raise self.fault(f"lacks {what}")
        return self.tokens.pop(0)

    def takes(self, sign: str) -> bool:
        """Whether that sign comes next; it is taken then."""
        if self.tokens and self.tokens[0].sign == sign:
            self.tokens.pop(0)
            return True
        return False

    def wants(self, sign: str, after: str) -> None:
        if not self.takes(sign):
            raise self.fault(f"lacks “{sign}” after {after}")


def _token(match: re.Match[str]) -> _Token:
    if match["sign"]:
        return _Token(match["sign"], match["sign"])
    if match["quoted"]:
        return _Token("", _unquoted(match["quoted"]), is_quoted=True)
    return _Token("", match["bare"].strip())


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]


def _lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _Line(number, line.strip())


def _rule(line: _Line) -> JsonDict:
    name = line.word("a name")
    line.wants(":", "the name")
    when = _when(line)
    document: JsonDict = {"name": name.text, "when": when}
    if DUE in when:
        document["due_minutes"] = when.pop(DUE)
    if line.tokens:
        raise line.fault(f"has something left over at “{line.tokens[0].text}”")
    return document


def _due(line: _Line) -> tuple[str, object]:
    name = line.word("a reason")
    line.wants("=", name.text)
    value = _value(line.word("a number of minutes").text)
    if line.tokens:
        raise line.fault(f"has something left over at “{line.tokens[0].text}”")
    return name.text.replace(" ", "_"), value


def _override(line: _Line) -> JsonDict:
    when = _when(line)
    if DUE in when:
        raise line.fault(f"says “{DUE}”, which only a rule can be")
    line.wants(":", "the conditions")
    values: JsonDict = {}
    while True:
        name = line.word("a setting")
        line.wants("=", name.text)
        key = name.text.replace(" ", "_")
        value = _value(line.word("a value").text)
        values[key] = False if value is None and key in SWITCHES else value
        if not line.takes(","):
            break
    if line.tokens:
        raise line.fault(f"has something left over at “{line.tokens[0].text}”")
    return {"when": when, "set": values}


def _when(line: _Line) -> JsonDict:
    document: JsonDict = {}
    while True:
        key = line.word("a condition such as line = 3")
        field = _field(line, key)
        line.wants("=", key.text)
        values = [line.word("a value")]
        while line.takes(","):
            values.append(line.word("a value"))
        if key.text == CLASS and not key.is_quoted:
            document["labels"] = [_label(each) for each in values]
        elif key.text == DUE and not key.is_quoted:
            document[DUE] = _value(values[0].text) if len(values) == 1 else None
        else:
            part, name = ("slices", key.text) if field is None else ("metadata", field)
            document.setdefault(part, {})[name] = [each.text for each in values]
        if not line.takes(";"):
            return document


def _field(line: _Line, key: _Token) -> str | None:
    """The field of the metadata that a condition is about; None where it is about a slice."""
    if key.is_quoted or not key.text.startswith(METADATA):
        return None
    if key.text == METADATA:
        return line.word("a field").text
    return key.text.removeprefix(METADATA)


def _label(token: _Token) -> str:
    return "" if token.text == NOTHING_FOUND and not token.is_quoted else token.text


def _value(text: str) -> object:
    if text in ("on", "off"):
        return True if text == "on" else None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _conditions(when: When) -> str:
    parts = []
    if when.labels:
        labels = [NOTHING_FOUND if not key else _written(key, NOTHING_FOUND) for key in when.labels]
        parts.append(f"{CLASS} = {', '.join(labels)}")
    slices = {_slice(name): values for name, values in when.slices.items()}
    fields = {f"{METADATA}{_written(name)}": values for name, values in when.metadata.items()}
    for name, values in (slices | fields).items():
        parts.append(f"{name} = {', '.join(_written(word(value)) for value in values)}")
    return "; ".join(parts)


def _slice(name: str) -> str:
    """In quotes where it would read as a field of the metadata, or as a due time."""
    reserved = name == DUE or name.startswith(METADATA)
    return _written(name, name if reserved else CLASS)


def _settings(values: Mapping[str, Any]) -> Sequence[str]:
    shown = {True: "on", False: "off", None: "off"}
    return [
        f"{name} = {shown[value] if value is None or isinstance(value, bool) else value}"
        for name, value in values.items()
    ]


def _written(text: str, reserved: str = "") -> str:
    """The word itself where it can be read back, in quotes otherwise."""
    plain = _PLAIN.fullmatch(text) and text != reserved
    return text if plain else json.dumps(text, ensure_ascii=False)
