"""What the specification shows and what was recorded fit what it says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker

SAMPLES = Path(__file__).parents[1] / "samples"

Complaints = Callable[[dict[str, Any], object], list[str]]


@pytest.fixture(scope="session")
def complaints(document: dict[str, Any]) -> Complaints:
    """What a schema of the document has against a value."""

    def check(schema: dict[str, Any], value: object) -> list[str]:
        rooted = {**schema, "components": document["components"]}
        validator = OAS31Validator(rooted, format_checker=oas31_format_checker)
        return [f"{value!r}: {error.message}" for error in validator.iter_errors(value)]

    return check


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_every_example_of_a_body_or_parameter_fits_its_schema(
    objects: dict[str, dict[str, Any]], complaints: Complaints
) -> None:
    shown = [
        (node["schema"], example["value"])
        for node in objects.values()
        if "schema" in node
        for example in node.get("examples", {}).values()
    ]
    assert len(shown) >= 10
    assert [found for schema, value in shown for found in complaints(schema, value)] == []


def test_every_example_of_a_schema_fits_it(
    objects: dict[str, dict[str, Any]], complaints: Complaints
) -> None:
    shown = [
        (node, example)
        for node in objects.values()
        if isinstance(node.get("examples"), list)
        for example in node["examples"]
    ]
    assert len(shown) >= 20
    assert [found for schema, value in shown for found in complaints(schema, value)] == []


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("doc_video_list", "VideoPageEnvelope"),
        ("doc_video_query", "VideoPageEnvelope"),
        ("real_video_list_empty", "VideoPageEnvelope"),
        ("real_video_object_2026_embed_abridged", "Video"),
        ("real_api_error_scope_not_authorized_401", "ErrorEnvelope"),
        ("doc_api_error_access_token_invalid", "ErrorInfo"),
    ],
)
def test_a_recorded_or_documented_answer_fits_its_schema(
    name: str, schema: str, complaints: Complaints
) -> None:
    assert complaints(ref(schema), sample(name)) == []


def test_recorded_videos_and_photo_posts_fit_the_schema(complaints: Complaints) -> None:
    rows = sample("real_video_objects_2025-10_from_db_dump")
    assert [found for row in rows for found in complaints(ref("Video"), row)] == []


def test_the_examples_called_recorded_are_the_recorded_answers(
    objects: dict[str, dict[str, Any]],
) -> None:
    recorded = [
        node["value"]
        for node in objects.values()
        if str(node.get("summary", "")).startswith("Recorded")
    ]
    assert recorded == [
        sample("real_video_list_empty"),
        sample("real_api_error_scope_not_authorized_401"),
    ]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("ListVideosRequest", {"max_count": 21}),
        ("ListVideosRequest", {"max_count": 0}),
        ("ListVideosRequest", {"cursor": 0}),
        ("QueryVideosRequest", {}),
        ("QueryVideosRequest", {"filters": {"video_ids": []}}),
        ("QueryVideosRequest", {"filters": {"video_ids": ["1"] * 21}}),
        ("QueryVideosRequest", {"filters": {"video_ids": [7077642457847991554]}}),
        ("Video", {"id": 7077642457847991554}),
        ("VideoPageEnvelope", {"data": {"videos": [], "cursor": 0, "has_more": False}}),
        ("VideoField", "fps"),
    ],
)
def test_what_must_not_be_sent_or_answered_does_not_fit(
    schema: str, value: object, complaints: Complaints
) -> None:
    assert complaints(ref(schema), value) != []
