"""The document for tools that know OpenAPI 3.0 only: the same contract in older words."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import openapi_spec_validator
import pytest
import yaml

from tools import derive

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
OLDER: dict[str, Any] = json.loads((ROOT / "generated" / "openapi-3.0.json").read_text("utf-8"))


def test_it_is_valid_openapi_3_0() -> None:
    openapi_spec_validator.validate(OLDER)
    assert OLDER["openapi"] == "3.0.3"


def test_it_is_what_the_document_gives() -> None:
    assert derive.derived(DOCUMENT) == OLDER


def test_nothing_is_lost_but_all_examples_after_the_first() -> None:
    assert list(OLDER["paths"]) == list(DOCUMENT["paths"])
    assert OLDER["info"]["description"].startswith(DOCUMENT["info"]["summary"])
    video, older = (each["components"]["schemas"]["Video"] for each in (DOCUMENT, OLDER))
    for name, schema in video["properties"].items():
        assert older["properties"][name].pop("example") == schema.pop("examples")[0]
    assert older["properties"] == video["properties"]


def test_deriving_changes_nothing_of_the_document() -> None:
    before = deepcopy(DOCUMENT)
    derive.text(DOCUMENT)
    assert before == DOCUMENT


def of_schemas(**schema: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["components"]["schemas"].update(New=schema)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (of_schemas(type=["string", "null"]), "list of types"),
        (of_schemas(const="ok"), "const"),
        (of_schemas(type="integer", exclusiveMinimum=0), "exclusive bound"),
        (of_schemas(**{"$ref": "#/components/schemas/Video", "description": "x"}), "beside"),
        (of_schemas(type="array", prefixItems=[]), "prefixItems"),
        (of_schemas(type="null"), "type null"),
        (of_schemas(type="number", exclusiveMaximum=0.5), "exclusive bound"),
        (lambda document: document.update(webhooks={}), "webhooks"),
        (lambda document: document.update(jsonSchemaDialect="x"), "dialects"),
    ],
)
def test_what_has_no_form_in_3_0_stops_the_derivation(
    change: Callable[[dict[str, Any]], object], word: str
) -> None:
    changed = deepcopy(DOCUMENT)
    change(changed)
    with pytest.raises(derive.DerivationError, match=word):
        derive.derived(changed)


def test_the_default_answer_is_rewritten_and_a_default_value_is_not() -> None:
    answers = {"default": {"description": "x", "content": {"a/b": {"schema": {"examples": [1]}}}}}
    document = {"info": {}, "paths": {"/": {"get": {"responses": answers}}}, "default": [1]}
    (path,) = derive.derived(document)["paths"].values()
    assert path["get"]["responses"]["default"]["content"] == {"a/b": {"schema": {"example": 1}}}


def test_a_property_may_have_the_name_of_a_word_of_schemas() -> None:
    changed = deepcopy(DOCUMENT)
    properties = {"if": {"type": "string", "examples": ["x"]}}
    of_schemas(type="object", properties=properties)(changed)
    new = derive.derived(changed)["components"]["schemas"]["New"]
    assert new["properties"] == {"if": {"type": "string", "example": "x"}}
