"""What openapi.yaml shows and what was recorded fits it; what must not be sent does not."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from jsonschema.exceptions import UnknownType  # type: ignore[import-untyped]
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from referencing.exceptions import Unresolvable

from tools.specification import ROOT, Complaint, Node, Specification, escaped

SAMPLES = ROOT / "tests" / "samples"
SCHEMAS = "#/components/schemas"

# What TikTok answered, or prints in its documentation, and the schema that has to take it.
ANSWERED = {
    "doc_api_error_access_token_invalid": "ErrorInfo",
    "doc_video_list": "VideoPageEnvelope",
    "doc_video_query": "VideoPageEnvelope",
    "real_api_error_scope_not_authorized_401": "ErrorEnvelope",
    "real_video_list_empty": "VideoPageEnvelope",
    "real_video_object_2026_embed_abridged": "Video",
    "real_video_objects_2025-10_from_db_dump": "Video",
}

# The examples that say of themselves where they are from, in the order of the document.
QUOTED = {
    "Recorded": ("real_video_list_empty", "real_api_error_scope_not_authorized_401"),
    "From TikTok's documentation": (
        "doc_video_list",
        "doc_video_query",
        "doc_api_error_access_token_invalid",
    ),
}

# What may be sent or answered, by the schema that has to take it.
ACCEPTED: tuple[tuple[str, object], ...] = (
    ("ListVideosRequest", {}),
    ("ListVideosRequest", {"cursor": 1}),
    ("ListVideosRequest", {"max_count": 1}),
    ("ListVideosRequest", {"max_count": 20}),
    ("QueryVideosRequest", {"filters": {"video_ids": ["1"]}}),
    ("QueryVideosRequest", {"filters": {"video_ids": ["1"] * 20}}),
    ("ErrorEnvelope", {"error": {"code": "new"}}),
    ("Video", {}),
)

# What must not be sent or answered, by the schema that has to refuse it.
REFUSED: tuple[tuple[str, object], ...] = (
    ("ListVideosRequest", {"max_count": 21}),
    ("ListVideosRequest", {"max_count": 0}),
    ("ListVideosRequest", {"cursor": 0}),
    ("QueryVideosRequest", {}),
    ("QueryVideosRequest", {"filters": {}}),
    ("QueryVideosRequest", {"filters": {"video_ids": []}}),
    ("QueryVideosRequest", {"filters": {"video_ids": ["1"] * 21}}),
    ("QueryVideosRequest", {"filters": {"video_ids": [7077642457847991554]}}),
    ("Video", {"id": 7077642457847991554}),
    ("VideoPageEnvelope", {"data": {"videos": [], "cursor": 0, "has_more": False}}),
    ("VideoPageEnvelope", {"data": {}, "error": {"code": "ok"}}),
    ("ErrorEnvelope", {"error": {}}),
    ("VideoField", "fps"),
)


def sample(name: str) -> Any:
    """A recorded or documented answer, by name."""
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def complaints(spec: Specification) -> Iterator[Complaint]:
    """All that does not fit, and all that fits against its purpose."""
    for pointer, schema, value in shown(spec):
        yield from misfits(spec, pointer, schema, value)
    for name, schema_name in ANSWERED.items():
        answers = sample(name)
        for answer in answers if isinstance(answers, list) else [answers]:
            for found in misfits(spec, f"{SCHEMAS}/{schema_name}", ref(schema_name), answer):
                yield found._replace(words=f"{name}: {found.words}")
    for schema_name, value in ACCEPTED:
        for found in misfits(spec, f"{SCHEMAS}/{schema_name}", ref(schema_name), value):
            yield found._replace(words=f"it refuses {value!r}: {found.words}")
    for schema_name, value in REFUSED:
        if not any(misfits(spec, SCHEMAS, ref(schema_name), value)):
            yield Complaint(f"{SCHEMAS}/{schema_name}", f"it takes {value!r}")
    yield from miscoded(spec)
    for origin, names in QUOTED.items():
        yield from misquoted(spec, origin, names)


def shown(spec: Specification) -> Iterator[tuple[str, Node, object]]:
    """Every example and default of the document: its pointer, its schema, its value."""
    for pointer, node in spec.objects.items():
        examples = node.get("examples")
        if isinstance(examples, dict) and "schema" in node:
            for name in examples:
                example = f"{pointer}/examples/{escaped(name)}"
                yield example, node["schema"], spec.at(example).get("value")
        elif isinstance(examples, list):
            for index, value in enumerate(examples):
                yield f"{pointer}/examples/{index}", node, value
        if "default" in node and "type" in node:
            yield f"{pointer}/default", node, node["default"]


def misfits(spec: Specification, pointer: str, schema: Node, value: object) -> Iterator[Complaint]:
    """What a schema of the document has against a value."""
    rooted = {**schema, "components": spec.document.get("components", {})}
    try:
        for error in OAS31Validator(rooted, format_checker=oas31_format_checker).iter_errors(value):
            where = f" at {error.json_path}" if error.path else ""
            yield Complaint(pointer, error.message + where)
    except Unresolvable as error:
        yield Complaint(pointer, f"its schema refers to nothing: {error.ref}")
    except UnknownType as error:
        yield Complaint(pointer, f"its schema has a type that is none: {error.type}")


def miscoded(spec: Specification) -> Iterator[Complaint]:
    """An error code that is shown and not listed: the list is open for TikTok, not for a slip."""
    listed = spec.at(f"{SCHEMAS}/ErrorInfo/properties/code").get("x-extensible-enum", [])
    for pointer, _, value in shown(spec):
        error = value.get("error") if isinstance(value, dict) else None
        if isinstance(error, dict) and error.get("code") not in listed:
            yield Complaint(pointer, f"the code {error.get('code')!r} is not listed")


def misquoted(spec: Specification, origin: str, names: Sequence[str]) -> Iterator[Complaint]:
    """What is said to be from somewhere, and is not word for word what was kept from there."""
    quoted = [
        (pointer, node.get("value"))
        for pointer, node in spec.objects.items()
        if str(node.get("summary", "")).startswith(origin)
    ]
    if len(quoted) != len(names):
        yield Complaint("#/paths", f"{len(names)} examples are called {origin!r}")
    for (pointer, value), name in zip(quoted, names, strict=False):
        kept = sample(name)
        if value not in (kept, {"error": kept}):  # one sample is an error without its answer
            yield Complaint(pointer, f"it is not the {name} that was kept")


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"{SCHEMAS}/{name}"}
