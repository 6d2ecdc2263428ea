"""A walker of the program: how it may be called, and what with."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import typing
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

#: What dresses a walker in an OpenAPI document.
_DRESS = (
    "tags",
    "status_code",
    "summary",
    "description",
    "response_description",
    "responses",
    "deprecated",
    "name",
    "openapi_extra",
    "include_in_schema",
)


class Invalid(Exception):
    """What the walker was called with does not fit; the entries are pydantic's, without ``url``."""

    def __init__(self, entries: list[dict[str, Any]]) -> None:
        super().__init__("the context does not fit the walker")
        self.entries = entries


class Walker:
    """A class of walkers."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls
        self.name: str = cls.__name__
        self.specs = _specs(cls)
        self.is_async = bool(cls.__jac_async__)
        self._fields = _fields(cls, self.specs["excluded"])
        self._all = _model(self.name, self._fields)
        self._places = self._placed()

    def interface(self) -> dict[str, Any]:
        """What the Jac room is told of it."""
        schemas = _schemas(self._all)
        fields = {
            name: {"required": field.is_required, "schema": schemas.get(name, {})}
            for name, field in self._fields.items()
        }
        return {**self.specs, "async": self.is_async, "fields": fields}

    def make(self, said: dict[str, Any]) -> Any:
        """One such walker, of what a call says. ``Invalid`` where it does not fit."""
        context = said.get("context")
        if said.get("method") == "websocket":
            return self.cls(**self._check([(self._all, context, ())]))
        query = {name: _query(self._fields, name, text) for name, text in (said.get("query") or {}).items()}
        asked: list[tuple[Any, Any, tuple[str, ...]]] = [
            (self._places["path"], said.get("path") or {}, ("path",)),
            (self._places["query"], query, ("query",)),
            (self._places["body"], context, ("body",)),
        ]
        return self.cls(**self._check(asked))

    def _check(self, asked: list[tuple[Any, Any, tuple[str, ...]]]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        problems: list[dict[str, Any]] = []
        for model, given, place in asked:
            try:
                read = model.model_validate({} if given is None else given)
            except ValidationError as error:
                problems += [_entry(entry, place) for entry in json.loads(error.json(include_url=False))]
            else:
                for attribute in read.model_fields_set:
                    values[str(model.model_fields[attribute].alias)] = getattr(read, attribute)
        if problems:
            raise Invalid(problems)
        return values

    def _placed(self) -> dict[str, type[BaseModel]]:
        in_path = set(re.findall(r"{(\w+)(?::\w+)?}", self.specs["path"]))
        as_query = self.specs["as_query"]
        places: dict[str, dict[str, _Field]] = {"path": {}, "query": {}, "body": {}}
        for name, field in self._fields.items():
            place = "path" if name in in_path else "query" if as_query == ["*"] or name in as_query else "body"
            places[place][name] = field
        return {place: _model(self.name, fields) for place, fields in places.items()}


@dataclasses.dataclass(frozen=True)
class _Field:
    hint: Any
    is_required: bool
    default: Any


def _specs(cls: Any) -> dict[str, Any]:
    given = getattr(cls, "__specs__", None)

    def spec(name: str, default: Any) -> Any:
        return getattr(given, name, default)

    needs_auth = os.environ.get("REQUIRE_AUTH_BY_DEFAULT", "true").lower() != "false"
    hidden = given is None and os.environ.get("DISABLE_AUTO_ENDPOINT", "").lower() == "true"
    entry = spec("entry_type", "BOTH")
    return {
        "methods": [str(method).lower() for method in spec("methods", ["post"])],
        "auth": bool(spec("auth", needs_auth)),
        # A walker with an API key's wall would stand open without it.
        "private": bool(spec("private", False)) or hidden or bool(spec("webhook", None)),
        "path": str(spec("path", "") or ""),
        "as_query": _names(spec("as_query", [])),
        "excluded": _names(spec("excluded", [])),
        "entry_type": str(getattr(entry, "value", entry)).upper(),
        "openapi": {name: value for name in _DRESS if _is_json(value := spec(name, None)) and value is not None},
    }


def _names(given: Any) -> list[str]:
    names = [given] if isinstance(given, str) else [str(name) for name in given or []]
    return ["*"] if "*" in names else names


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _fields(cls: Any, excluded: list[str]) -> dict[str, _Field]:
    try:
        hints = typing.get_type_hints(cls)
    except (NameError, TypeError):
        hints = {}
    fields = {}
    for field in dataclasses.fields(cls):
        if not field.init or excluded == ["*"] or field.name in excluded:
            continue
        # `any` is Jac's name of that type, and Python's of a function.
        hint = hints.get(field.name, Any)
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        default = None if field.default is dataclasses.MISSING else field.default
        fields[field.name] = _Field(Any if hint is any else hint, required, default)
    return fields


def _model(name: str, fields: dict[str, _Field]) -> type[BaseModel]:
    """A model of them. Its attributes have names of their own, so that a field may be called ``json`` or ``_x``."""
    definitions: dict[str, Any] = {}
    for place, (field_name, field) in enumerate(fields.items()):
        title = field_name.replace("_", " ").title()
        info = Field(... if field.is_required else field.default, alias=field_name, title=title)
        definitions[f"field{place}"] = (field.hint, info)
    return create_model(name, __config__=ConfigDict(arbitrary_types_allowed=True), **definitions)


def _schemas(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of each field, which stands for itself: definitions are written out where they are used."""
    schemas = {}
    for field in model.model_fields.values():
        try:
            alone = _model(
                model.__name__, {str(field.alias): _Field(field.annotation, field.is_required(), field.default)}
            )
            schema = alone.model_json_schema()
        except Exception:  # noqa: S112 - pydantic has several for types without a schema
            continue
        schemas[str(field.alias)] = _written_out(schema["properties"][field.alias], schema.get("$defs", {}), 0)
    return schemas


def _written_out(schema: Any, definitions: dict[str, Any], depth: int) -> Any:
    if isinstance(schema, list):
        return [_written_out(each, definitions, depth) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        # What contains itself is written out so often, then it is anything.
        definition = definitions.get(schema["$ref"].rpartition("/")[2], {}) if depth < 4 else {}
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_written_out(definition, definitions, depth + 1), **rest}
    return {key: _written_out(value, definitions, depth) for key, value in schema.items()}


def _query(fields: dict[str, _Field], name: str, given: Any) -> Any:
    """A query's texts for a list, and the last one for all else."""
    field = fields.get(name)
    origin = typing.get_origin(field.hint) or field.hint if field else None
    texts = given if isinstance(given, list) else [given]
    return texts if origin in (list, set, tuple) else texts[-1] if texts else None


def _entry(entry: dict[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
    located = {**entry, "loc": [*place, *entry["loc"]]}
    if entry["type"] == "missing" and place in (("query",), ("path",)):
        located["input"] = None
    if place == ("body",) and not entry["loc"] and entry["type"] == "model_type":
        located["type"] = "model_attributes_type"
        located["msg"] = "Input should be a valid dictionary or object to extract fields from"
        located.pop("ctx", None)
    return located
