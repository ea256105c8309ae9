"""The specification, as data."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

SPEC = Path(__file__).parents[2] / "openapi.yaml"


@pytest.fixture(scope="session")
def source() -> str:
    return SPEC.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def document(source: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(source)
    return loaded


@pytest.fixture(scope="session")
def objects(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every object of the document by its JSON pointer."""
    return dict(walk("#", document))


def walk(pointer: str, node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield pointer, node
        for key, value in node.items():
            yield from walk(f"{pointer}/{str(key).replace('/', '~1')}", value)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(f"{pointer}/{index}", value)
