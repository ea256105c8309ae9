"""The house rules of requests and answers: what goes over the wire, and in what.

A rule is a function from the document to what it has against it, and its docstring is the rule.
"""

import re
from collections.abc import Iterator

from tools.specification import Complaint, Specification

SERVER = "https://open.tiktokapis.com"
OPERATIONS = {
    "#/paths/~1v2~1video~1list~1/post": "listVideos",
    "#/paths/~1v2~1video~1query~1/post": "queryVideos",
}
FIELDS = "#/components/parameters/Fields"
PLAIN = {"name", "in", "required", "style", "explode", "description", "schema", "examples"}
ANSWERS = {
    "400": "BadRequest",
    "401": "Unauthorized",
    "404": "UnsupportedPath",
    "429": "TooManyRequests",
    "500": "InternalError",
    "default": "Unexpected",
}
PAGES = "#/paths/~1v2~1video~1list~1/post/responses/200"
NEXT_PAGE = {
    "operationId": "listVideos",
    "parameters": {"query.fields": "$request.query.fields"},
    "requestBody": '{"cursor": {$response.body#/data/cursor}}',
}


def version(spec: Specification) -> Iterator[Complaint]:
    """OpenAPI 3.1.0, which the generator of the Python package demands; a SemVer of its own."""
    if spec.document.get("openapi") != "3.1.0":
        yield Complaint("#/openapi", "it is written in OpenAPI 3.1.0")
    if not re.fullmatch(r"\d+\.\d+\.\d+", str(spec.at("#/info").get("version"))):
        yield Complaint("#/info/version", "the version is three numbers")


def server(spec: Specification) -> Iterator[Complaint]:
    """There is one server for everything, and a token never travels in the open."""
    servers = [pointer for pointer in spec.objects if re.fullmatch(r"#/servers/\d+", pointer)]
    if [spec.at(pointer).get("url") for pointer in servers] != [SERVER]:
        yield Complaint("#/servers", f"the one server is {SERVER}")
    for pointer, node in spec.objects.items():
        named = set() if pointer.endswith("/properties") else {"server", "servers"} & node.keys()
        for keyword in sorted(named - {"servers" if pointer == "#" else ""}):
            yield Complaint(f"{pointer}/{keyword}", "the server stands at the root alone")


def operations(spec: Specification) -> Iterator[Complaint]:
    """Two operations, both POST, both paths with the slash at their end, both under `videos`."""
    found = {pointer: node.get("operationId") for pointer, node in spec.operations.items()}
    for pointer in found.keys() | OPERATIONS.keys():
        if found.get(pointer) != OPERATIONS.get(pointer):
            yield Complaint(pointer, "there are listVideos and queryVideos, at TikTok's paths")
    for pointer, node in spec.operations.items():
        if node.get("tags") != ["videos"]:
            yield Complaint(f"{pointer}/tags", "every operation has the tag `videos` alone")


def security(spec: Specification) -> Iterator[Complaint]:
    """Each operation names its security: generators overlook the top-level form, and `oauth2`
    makes some of them leave out the word Bearer.
    """
    if "security" in spec.document:
        yield Complaint("#/security", "security stands on each operation")
    for pointer, node in spec.operations.items():
        if node.get("security") != [{"accessToken": []}]:
            yield Complaint(f"{pointer}/security", "every operation needs the access token")
    scheme = spec.at("#/components/securitySchemes/accessToken")
    if (scheme.get("type"), scheme.get("scheme")) != ("http", "bearer"):
        yield Complaint("#/components/securitySchemes/accessToken", "a token is an HTTP bearer")
    for key in sorted(scheme.keys() - {"type", "scheme", "description"}):
        yield Complaint(f"#/components/securitySchemes/accessToken/{key}", "a token is opaque")


def arguments(spec: Specification) -> Iterator[Complaint]:
    """An operation takes `fields` and nothing else; `fields` has a name in it, and no frills."""
    for pointer, node in spec.operations.items():
        if node.get("parameters") != [{"$ref": FIELDS}]:
            yield Complaint(f"{pointer}/parameters", "the one parameter is `Fields`")
        path = pointer.rpartition("/")[0]
        if "parameters" in spec.at(path):
            yield Complaint(f"{path}/parameters", "parameters stand on each operation")
    parameter = spec.at(FIELDS)
    if parameter.get("name") != "fields":
        yield Complaint(FIELDS, "its name is `fields`")
    for key in sorted(parameter.keys() - PLAIN):
        yield Complaint(f"{FIELDS}/{key}", "generators differ in it, and TikTok does not need it")
    if spec.at(f"{FIELDS}/schema").get("minItems") != 1:
        yield Complaint(f"{FIELDS}/schema", "at least one field is requested")


def answers(spec: Specification) -> Iterator[Complaint]:
    """Every operation describes every known status, each by the component of that name."""
    for pointer in spec.operations:
        found = spec.at(f"{pointer}/responses")
        if list(found) != ["200", *ANSWERS]:
            yield Complaint(f"{pointer}/responses", f"the statuses are 200 and {list(ANSWERS)}")
        for status, name in ANSWERS.items():
            if (
                spec.at(f"{pointer}/responses/{status}").get("$ref")
                != f"#/components/responses/{name}"
            ):
                yield Complaint(f"{pointer}/responses/{status}", f"{status} is `{name}`")


def left_out(spec: Specification) -> Iterator[Complaint]:
    """`fields` and a body are never left out; a length that is left out means ten."""
    if spec.at(FIELDS).get("required") is not True:
        yield Complaint(FIELDS, "`fields` is always sent")
    for pointer in spec.operations:
        if spec.at(f"{pointer}/requestBody").get("required") is not True:
            yield Complaint(f"{pointer}/requestBody", "a body is always sent")
    length = "#/components/schemas/ListVideosRequest/properties/max_count"
    if spec.at(length).get("default") != 10:
        yield Complaint(length, "TikTok answers ten videos, if nothing else is said")


def bodies(spec: Specification) -> Iterator[Complaint]:
    """Success is a page, a failure the envelope, both JSON alone; a wrong path is told in text."""
    for pointer in spec.operations:
        yield from carries(spec, f"{pointer}/responses/200", "VideoPageEnvelope")
    for name in ANSWERS.values():
        if name != "UnsupportedPath":
            yield from carries(spec, f"#/components/responses/{name}", "ErrorEnvelope")
    text = "#/components/responses/UnsupportedPath/content"
    if list(spec.at(text)) != ["text/plain"]:
        yield Complaint(text, "it is plain text")
    if spec.at(f"{text}/text~1plain/schema").get("type") != "string":
        yield Complaint(text, "a text is a string")


def carries(spec: Specification, pointer: str, schema: str) -> Iterator[Complaint]:
    if list(spec.at(f"{pointer}/content")) != ["application/json"]:
        yield Complaint(f"{pointer}/content", "it is JSON")
    body = f"{pointer}/content/application~1json/schema"
    if spec.at(body).get("$ref") != f"#/components/schemas/{schema}":
        yield Complaint(body, f"it carries a `{schema}`")


def arrays_in_the_query(spec: Specification) -> Iterator[Complaint]:
    """An array in the query string says that it is one parameter, comma-separated."""
    for pointer, node in spec.objects.items():
        array = node.get("in") == "query" and spec.at(f"{pointer}/schema").get("type") == "array"
        if array and (node.get("style"), node.get("explode")) != ("form", False):
            yield Complaint(pointer, "an array needs `style: form` and `explode: false`")


def parameters(spec: Specification) -> Iterator[Complaint]:
    """A parameter and its schema carry the same description: generators read one or the other."""
    for pointer, node in spec.objects.items():
        schema = spec.at(f"{pointer}/schema") if "in" in node else node
        if schema.get("description") != node.get("description"):
            yield Complaint(pointer, "the schema repeats the parameter's description")


def links(spec: Specification) -> Iterator[Complaint]:
    """A listed page alone leads on, by one link. The link's body is text: openapi-generator
    refuses the whole document for an object.
    """
    link = spec.at("#/components/links/NextPage")
    for key in sorted((link.keys() | NEXT_PAGE.keys()) - {"description"}):
        if link.get(key) != NEXT_PAGE.get(key):
            yield Complaint(f"#/components/links/NextPage/{key}", f"it is {NEXT_PAGE.get(key)!r}")
    if spec.at(f"{PAGES}/links") != {"nextPage": {"$ref": "#/components/links/NextPage"}}:
        yield Complaint(f"{PAGES}/links", "a listed page has the link `nextPage`")
    for pointer, node in spec.objects.items():
        known = pointer in {PAGES, "#/components"} or pointer.endswith("/properties")
        if "links" in node and not known:
            yield Complaint(f"{pointer}/links", "a listed page alone leads on")


def log_ids(spec: Specification) -> Iterator[Complaint]:
    """Every `log_id` is quoted: digits with a single E are a float in YAML 1.2."""
    for shown in re.finditer(r"log_id: *([^'\"\s].*)", spec.source):
        line = spec.source.count("\n", 0, shown.start()) + 1
        yield Complaint("", f"line {line}: the log_id {shown[1]} is not quoted")
