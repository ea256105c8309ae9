"""What was changed between two versions of openapi.yaml, and what that does to clients.

Redocly finds the changes and rates them by what they do to a request or an answer on its way:
https://redocly.com/docs/cli/commands/diff. What they do to a client that was generated from the
document is judged here.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import redocly
from tools.specification import Specification

IMPACTS = MAJOR, MINOR, PATCH = "major", "minor", "patch"
BASE, HEAD = "base.yaml", "head.yaml"


@dataclass(frozen=True)
class Change:
    """What a change does to clients, in which file and line, and in words."""

    impact: str
    file: str
    line: int
    words: str


def changes(base: Specification, head: Specification) -> list[Change]:
    """All that was changed, the worst first."""
    texts = {BASE: base, HEAD: head}
    with tempfile.TemporaryDirectory() as temporary:
        for name, spec in texts.items():
            Path(temporary, name).write_text(spec.source, encoding="utf-8")
        (answer,) = redocly.run(Path(temporary), "diff", BASE, HEAD, "--fail-on", "none")
    found = [
        Change(impact, place["file"], texts[place["file"]].line(place["pointer"]), words)
        for told in answer["changes"]
        for impact, place, words in judged(told)
    ]
    found += other_names(base, head)
    found += other_values(base, head)
    if not found and contents(base) != contents(head):
        found = [Change(PATCH, HEAD, 1, "Something was changed that Redocly does not compare.")]
    return sorted(found, key=lambda change: IMPACTS.index(change.impact))


def contents(spec: Specification) -> dict[str, Any]:
    """The document, whatever its version is called."""
    info = {key: value for key, value in spec.at("#/info").items() if key != "version"}
    return {**spec.document, "info": info}


def judged(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The verdicts on one change; where Redocly has none, ours, or that there was one."""
    for verdict in told["verdicts"]:
        yield verdict["impact"], verdict["location"], verdict["message"]
    version = (told["typeName"], told.get("property")) == ("Info", "version")
    if not told["verdicts"] and not version:
        place = told.get("revision") or told["base"]
        what = told.get("property") or told["typeName"]
        reason = harm(told, place["pointer"])
        words = f"`{what}` was {told['kind']} at {place['pointer']}"
        yield MAJOR if reason else told["impact"], place, f"{words}{reason and f': {reason}'}."


def harm(told: dict[str, Any], pointer: str) -> str:
    """Why a client breaks on what is harmless for Redocly; empty if it does not."""
    match told["typeName"], told.get("property"), told["kind"]:
        case "Schema", *_:
            return harm_of_a_schema(told, pointer)
        case "Operation", "tags", _:
            return "a generated client has its functions in a module for each tag"
        case "ServerList", None, _ if told["path"].startswith("#/paths/"):
            return "requests go elsewhere"
        case "SecurityRequirementList", None, "removed":
            return "a generated client sends no token any more"
    return ""


def harm_of_a_schema(told: dict[str, Any], pointer: str) -> str:
    """The same of a schema, and of what it is made of."""
    before, after = (told.get(side, {}).get("value") for side in ("base", "revision"))
    match told.get("property"), told["kind"]:
        case "default", _:
            return "a request that leaves it out means something else now"
        case "enum", _ if before is None or after is None:
            return "a generated client has a class for a closed list, and text for an open one"
        case "additionalProperties", _ if before is True or after is False:
            return "a generated client keeps the unknown in another way, or not at all"
        case "const" | "type", _:
            return "a generated client has another type for it"
        case "readOnly" | "writeOnly", _ if after is True:
            return "a generated client leaves it out in one direction"
        case "title", _ if pointer.removesuffix("/title").count("/") == 3:
            return "generators take a schema's title for the name of its class"
        case "key", "modified" if "/properties/" in told["path"]:
            return "a client knows it by its old name"
        case None, "removed" if "/properties/" in told["path"]:
            return "a client that sends it has nowhere to put it"
    return ""


def other_names(base: Specification, head: Specification) -> Iterator[Change]:
    """Where another schema stands now, or one without a name: generated classes have the names."""
    for pointer, node in base.objects.items():
        _, of_a_schema, name = str(node.get("$ref", "")).partition("#/components/schemas/")
        now = head.at(pointer)
        if of_a_schema and now and now.get("$ref") != node["$ref"]:
            words = f"A generated client has no `{name}` here any more."
            yield Change(MAJOR, HEAD, head.line(f"{pointer}/$ref"), words)


def other_values(base: Specification, head: Specification) -> Iterator[Change]:
    """Where a list of values has gained or lost some: Redocly does not look into the open ones."""
    for pointer, node in base.objects.items():
        for key in ("enum", "x-extensible-enum"):
            before, after = node.get(key), head.at(pointer).get(key)
            if not isinstance(before, list) or not isinstance(after, list):
                continue
            place = HEAD, head.line(f"{pointer}/{key}")
            if gained := [value for value in after if value not in before]:
                yield Change(MINOR, *place, f"`{key}` has gained {', '.join(map(str, gained))}.")
            lost = [value for value in before if value not in after]
            if lost and key != "enum":
                yield Change(PATCH, *place, f"`{key}` has lost {', '.join(map(str, lost))}.")
