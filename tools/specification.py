"""An OpenAPI document as its gates see it: its text, its data, and which line says what."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
SPEC = ROOT / "openapi.yaml"

Node = dict[str, Any]

KEYS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"}


class Loader(yaml.SafeLoader):
    """PyYAML made strict: it takes the last of two equal keys, makes a number of a status, a date
    of a version, and a ring of an alias to what it stands in. None of this is JSON.
    """

    def construct_document(self, node: yaml.Node) -> Any:
        self.deep_construct = True  # which refuses rings
        return super().construct_document(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag not in KEYS:
                raise yaml.constructor.ConstructorError(
                    None, None, "a key that is no text: quote it", key.start_mark
                )
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands here twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_date(self, node: yaml.ScalarNode) -> Any:
        return self.construct_scalar(node)


Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_date)


class Complaint(NamedTuple):
    """What is wrong, and the JSON pointer of where."""

    pointer: str
    words: str


@dataclass(frozen=True)
class Specification:
    """One document, read from its text. Look-ups answer with nothing where nothing is."""

    source: str

    @cached_property
    def document(self) -> Node:
        loaded: Any = yaml.load(self.source, Loader)  # noqa: S506 - it is a SafeLoader
        if not isinstance(loaded, dict):
            raise yaml.MarkedYAMLError(problem="this is no mapping")
        return loaded

    @cached_property
    def objects(self) -> dict[str, Node]:
        """Every object of the document by its JSON pointer."""
        return dict(walk("#", self.document))

    @cached_property
    def operations(self) -> dict[str, Node]:
        """The operations by their pointers."""
        return {
            pointer: node
            for pointer, node in self.objects.items()
            if pointer.startswith("#/paths/") and pointer.count("/") == 3
        }

    @cached_property
    def schemas(self) -> dict[str, Node]:
        """The named schemas by their names."""
        return self.at("#/components/schemas")

    def schema(self, name: str) -> Node:
        """A named schema."""
        return self.at(f"#/components/schemas/{name}")

    def at(self, pointer: str) -> Node:
        """The object at a pointer; an empty one, if there is none."""
        return self.objects.get(pointer, {})

    def line(self, pointer: str) -> int:
        """The line at which a pointer's key stands, or the nearest above it that exists."""
        while pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines[pointer]

    @cached_property
    def lines(self) -> dict[str, int]:
        return {"": 1, **dict(places("#", yaml.compose(self.source), 1))}


def escaped(key: object) -> str:
    """A key as one part of a JSON pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def walk(pointer: str, node: object) -> Iterator[tuple[str, Node]]:
    """The objects at and below a node, each by its pointer."""
    if isinstance(node, dict):
        yield pointer, node
        for key, value in node.items():
            yield from walk(f"{pointer}/{escaped(key)}", value)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(f"{pointer}/{index}", value)


def places(pointer: str, node: yaml.Node | None, line: int) -> Iterator[tuple[str, int]]:
    """The lines of a node and of all below it, by pointer: that of the key, not of its value."""
    yield pointer, line
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from places(f"{pointer}/{escaped(key.value)}", value, key.start_mark.line + 1)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from places(f"{pointer}/{index}", item, item.start_mark.line + 1)
