"""The house rules of schemas: what may be said of a value, so that every language can take it.

A rule is a function from the document to what it has against it, and its docstring is the rule.
"""

import re
from collections.abc import Iterator

from tools.specification import Complaint, Node, Specification

UNIONS = {"allOf", "anyOf", "oneOf", "not", "if", "discriminator"}

# Where a schema stands. What looks like one in an example is none, nor is a field named `title`.
SCHEMA = re.compile(
    r"#/(components/schemas/[^/]+|.+/schema)(/properties/[^/]+|/items|/additionalProperties)*"
)

# What an object always carries. Those that are not named here may be empty.
PROMISED = {
    "#/components/schemas/QueryVideosRequest": ["filters"],
    "#/components/schemas/VideoFilters": ["video_ids"],
    "#/components/schemas/VideoPageEnvelope": ["error"],
    "#/components/schemas/VideoPage": ["videos", "cursor", "has_more"],
    "#/components/schemas/ErrorEnvelope": ["error"],
    "#/components/schemas/ErrorInfo": ["code"],
}

# How much there may be of what a client sends. What TikTok answers has no such bounds.
COUNTED: dict[str, dict[str, int]] = {
    "#/components/parameters/Fields/schema": {"minItems": 1},
    "#/components/schemas/VideoFilters/properties/video_ids": {"minItems": 1, "maxItems": 20},
}
COUNTS = {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}

LENGTH = "#/components/schemas/ListVideosRequest/properties/max_count"
MILLISECONDS = 100_000_000_000  # in milliseconds this is 1973, in seconds the year 5138

# Generators name classes after a title, leave out what is only read or only written, and make
# bytes of encoded contents.
REMARKS = {
    "title",
    "readOnly",
    "writeOnly",
    "contentMediaType",
    "contentEncoding",
    "contentSchema",
}


def every_schema(spec: Specification) -> Iterator[tuple[str, Node]]:
    """The schemas, and all that stand in them."""
    return (found for found in spec.objects.items() if SCHEMA.fullmatch(found[0]))


def descriptions(spec: Specification) -> Iterator[Complaint]:
    """Every schema and every field is described."""
    for pointer, node in named_schemas(spec):
        if not node.get("description"):
            yield Complaint(pointer, "it has no description")


def named_schemas(spec: Specification) -> Iterator[tuple[str, Node]]:
    """The components and their fields, but for those that are described where they refer to."""
    for name, schema in spec.schemas.items():
        pointer = f"#/components/schemas/{name}"
        yield pointer, schema
        for key, value in schema.get("properties", {}).items():
            if "$ref" not in value:
                yield f"{pointer}/properties/{key}", value


def names(spec: Specification) -> Iterator[Complaint]:
    """No schema takes a name that TypeScript or Swift has for something else."""
    for name in sorted({"Error", "ErrorResponse"} & spec.schemas.keys()):
        yield Complaint(f"#/components/schemas/{name}", "languages have this name already")


def integers(spec: Specification) -> Iterator[Complaint]:
    """An integer says how wide it is; moments and views are wider than 32 bits."""
    for pointer, node in spec.objects.items():
        if node.get("type") == "integer":
            name, width = pointer.rpartition("/")[2], node.get("format")
            if name in {"cursor", "create_time", "view_count"} and width != "int64":
                yield Complaint(pointer, f"`{name}` has to be int64")
            elif width not in {"int32", "int64"}:
                yield Complaint(pointer, f"`{name}` has to be int32 or int64")


def moments(spec: Specification) -> Iterator[Complaint]:
    """A moment says its unit: a video's is in seconds, a cursor in milliseconds."""
    for pointer, node in spec.objects.items():
        unit = {"cursor": "**milliseconds**", "create_time": "**seconds**"}.get(
            pointer.rpartition("/")[2], ""
        )
        if node.get("type") == "integer" and unit not in node.get("description", ""):
            yield Complaint(pointer, f"the description names the unit: {unit}")


def moments_shown(spec: Specification) -> Iterator[Complaint]:
    """A moment that is shown has its unit; a cursor of 0 is that of a creator without videos."""
    for pointer, name, moment in numbers_shown(spec):
        if name == "cursor" and moment != 0 and moment < MILLISECONDS:
            yield Complaint(pointer, "a cursor is in milliseconds")
        elif name == "create_time" and moment >= MILLISECONDS:
            yield Complaint(pointer, "a video's moment is in seconds")


def numbers_shown(spec: Specification) -> Iterator[tuple[str, str, int]]:
    """The whole numbers in examples, by name: a field's own, and those within larger ones."""
    for pointer, node in spec.objects.items():
        for key, value in node.items():
            if isinstance(value, int):
                yield f"{pointer}/{key}", key, value
        examples = node.get("examples")
        for value in examples if isinstance(examples, list) else []:
            if isinstance(value, int):
                yield f"{pointer}/examples", pointer.rpartition("/")[2], value


def numbers(spec: Specification) -> Iterator[Complaint]:
    """A number is whole: a float loses the last digits of a moment or an id."""
    for pointer, node in every_schema(spec):
        if node.get("type") == "number":
            yield Complaint(f"{pointer}/type", "a number is an integer")


def defaults(spec: Specification) -> Iterator[Complaint]:
    """One default alone is known, that of a page's length; generators send each that is named."""
    for pointer, node in every_schema(spec):
        if "default" in node and pointer != LENGTH:
            yield Complaint(f"{pointer}/default", "the one default is that of a page's length")


def remarks(spec: Specification) -> Iterator[Complaint]:
    """No remarks that change what is generated: names, directions, and contents of texts."""
    for pointer, node in every_schema(spec):
        for keyword in sorted(REMARKS & node.keys()):
            yield Complaint(f"{pointer}/{keyword}", "generators make something else of it")


def counts(spec: Specification) -> Iterator[Complaint]:
    """One field or more, 1 to 20 ids; nothing is said of how much TikTok answers."""
    for pointer in dict.fromkeys([*dict(every_schema(spec)), *COUNTED]):
        node = spec.at(pointer)
        said = {keyword: node[keyword] for keyword in COUNTS & node.keys()}
        if said != COUNTED.get(pointer, {}):
            yield Complaint(pointer, f"the bounds are {COUNTED.get(pointer) or 'none'}")


def formats(spec: Specification) -> Iterator[Complaint]:
    """Formats are those that every generator knows; strict URL types refuse signed links."""
    for pointer, node in spec.objects.items():
        if node.get("format") not in {None, "int32", "int64"}:
            yield Complaint(f"{pointer}/format", "formats are int32 and int64")


def enums(spec: Specification) -> Iterator[Complaint]:
    """A closed list only in what is sent: what TikTok answers may grow."""
    for pointer, node in spec.objects.items():
        closed = isinstance(node.get("enum"), list) or "const" in node
        if closed != (pointer == "#/components/schemas/VideoField"):
            yield Complaint(pointer, "`VideoField` is closed, and nothing else")


def limits_of_text(spec: Specification) -> Iterator[Complaint]:
    """No form or length is promised for a text: longer ones than documented were recorded."""
    for pointer, node in spec.objects.items():
        for keyword in sorted({"maxLength", "minLength", "pattern"} & node.keys()):
            yield Complaint(f"{pointer}/{keyword}", "no form or length is promised for a text")


def unions(spec: Specification) -> Iterator[Complaint]:
    """One value has one type: generators break on unions, and on lists of types."""
    for pointer, node in spec.objects.items():
        for keyword in sorted(UNIONS & node.keys()):
            yield Complaint(f"{pointer}/{keyword}", "a value has one type, written out")
        if isinstance(node.get("type"), list):
            yield Complaint(f"{pointer}/type", "a value has one type")


def openness(spec: Specification) -> Iterator[Complaint]:
    """An answer may carry more than is known here, so no object refuses unknown keys."""
    for pointer, node in spec.objects.items():
        if node.get("additionalProperties", True) is not True:
            yield Complaint(f"{pointer}/additionalProperties", "unknown keys are not refused")
    if "additionalProperties" not in spec.schema("Video"):
        yield Complaint("#/components/schemas/Video", "a video says that it keeps unknown keys")


def promises(spec: Specification) -> Iterator[Complaint]:
    """A video promises no field: only the requested ones come. A failure has no data. The others
    promise what they cannot be without.
    """
    for pointer in dict.fromkeys([*dict(every_schema(spec)), *PROMISED]):
        if spec.at(pointer).get("required") != PROMISED.get(pointer):
            promised = PROMISED.get(pointer) or "nothing"
            yield Complaint(pointer, f"what it promises is {promised}")


def fields(spec: Specification) -> Iterator[Complaint]:
    """Every field that can be requested is a field of a video, in the same order."""
    requested = spec.schema("VideoField").get("enum", [])
    if not requested or requested != list(spec.schema("Video").get("properties", {})):
        yield Complaint("#/components/schemas/VideoField/enum", "the fields are those of `Video`")


def error_codes(spec: Specification) -> Iterator[Complaint]:
    """The list of error codes is open, and told in the prose that people read."""
    pointer = "#/components/schemas/ErrorInfo/properties/code"
    listed = set(spec.at(pointer).get("x-extensible-enum", []))
    if not listed or quoted(spec.at(pointer)) != listed:
        yield Complaint(pointer, "the codes are those that its description names")
    if not listed <= quoted(spec.at("#/info")):
        yield Complaint("#/info/description", "it names all the codes")


def quoted(node: Node) -> set[str]:
    """The words that a description quotes."""
    return set(re.findall(r"`(\w+)`", node.get("description", "")))
