"""The rules that make the specification right for every language."""

import re
from typing import Any

import openapi_spec_validator

Document = dict[str, Any]
Objects = dict[str, dict[str, Any]]


def operations(document: Document) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }


def test_the_document_is_valid_openapi_3_1(document: Document) -> None:
    openapi_spec_validator.validate(document)
    assert document["openapi"] == "3.1.0"


def test_there_are_exactly_the_two_operations_and_their_paths_end_in_a_slash(
    document: Document,
) -> None:
    found = {
        (method, path, operation["operationId"], *operation["tags"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    assert found == {
        ("post", "/v2/video/list/", "listVideos", "videos"),
        ("post", "/v2/video/query/", "queryVideos", "videos"),
    }


def test_every_operation_names_its_security_and_the_document_none(document: Document) -> None:
    assert "security" not in document
    for operation in operations(document).values():
        assert operation["security"] == [{"accessToken": []}]
    scheme = document["components"]["securitySchemes"]["accessToken"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


def test_every_operation_describes_every_known_status(document: Document) -> None:
    for operation in operations(document).values():
        assert list(operation["responses"]) == ["200", "400", "401", "404", "429", "500", "default"]


def test_no_array_in_the_query_string_is_exploded(objects: Objects) -> None:
    arrays = [
        node
        for node in objects.values()
        if node.get("in") == "query" and node["schema"].get("type") == "array"
    ]
    assert [(node["style"], node["explode"]) for node in arrays] == [("form", False)]


def test_a_parameter_and_its_schema_carry_the_same_description(objects: Objects) -> None:
    parameters = [node for node in objects.values() if "in" in node and "schema" in node]
    assert parameters
    for parameter in parameters:
        assert parameter["description"] == parameter["schema"]["description"]


def test_everything_that_reaches_a_reader_is_described(document: Document) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema["description"], name
        for key, value in schema.get("properties", {}).items():
            assert "$ref" in value or value["description"], f"{name}.{key}"


def test_no_schema_takes_a_name_that_languages_reserve(document: Document) -> None:
    assert {"Error", "ErrorResponse"}.isdisjoint(document["components"]["schemas"])


def test_formats_are_those_that_every_generator_knows(objects: Objects) -> None:
    assert {node["format"] for node in objects.values() if "format" in node} == {"int32", "int64"}


def test_only_what_is_sent_is_a_closed_enum(objects: Objects) -> None:
    closed = [pointer for pointer, node in objects.items() if isinstance(node.get("enum"), list)]
    assert closed == ["#/components/schemas/VideoField"]


def test_the_error_codes_are_open_and_all_told_in_the_prose(document: Document) -> None:
    code = document["components"]["schemas"]["ErrorInfo"]["properties"]["code"]
    assert len(code["x-extensible-enum"]) == 7
    for name in code["x-extensible-enum"]:
        assert f"`{name}`" in code["description"]
        assert f"`{name}`" in document["info"]["description"]


def test_no_length_is_promised_for_a_text(objects: Objects) -> None:
    assert [pointer for pointer, node in objects.items() if "maxLength" in node] == []


def test_every_field_that_can_be_requested_is_a_field_of_a_video(document: Document) -> None:
    schemas = document["components"]["schemas"]
    requested = schemas["VideoField"]["enum"]
    assert len(requested) == 16
    assert requested == list(schemas["Video"]["properties"])


def test_a_video_promises_no_field_and_keeps_unknown_ones(document: Document) -> None:
    video = document["components"]["schemas"]["Video"]
    assert "required" not in video
    assert video["additionalProperties"] is True


def test_data_is_not_promised_because_a_failure_has_none(document: Document) -> None:
    assert document["components"]["schemas"]["VideoPageEnvelope"]["required"] == ["error"]


def test_every_log_id_is_quoted_in_the_source(source: str) -> None:
    assert len(re.findall(r"log_id: '", source)) >= 5
    assert re.findall(r"log_id: *[^'\s].*", source) == []


def test_the_link_to_the_next_page_is_text_with_the_cursor_of_this_one(document: Document) -> None:
    link = document["components"]["links"]["NextPage"]
    assert link["operationId"] == "listVideos"
    assert link["requestBody"] == '{"cursor": {$response.body#/data/cursor}}'
    assert link["parameters"] == {"query.fields": "$request.query.fields"}
