"""The package, the document it was made from and the generator that made it belong together."""

import hashlib
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import tiktok_display
from tiktok_display.cli.app import specification

ROOT = Path(__file__).parents[2]


def test_the_document_that_travels_is_the_one_the_package_was_made_from() -> None:
    document = specification().read_bytes()
    assert hashlib.sha256(document).hexdigest() == tiktok_display.SPEC_SHA256
    assert yaml.safe_load(document)["info"]["version"] == tiktok_display.SPEC_VERSION


def test_the_generator_is_told_with_the_version_that_the_project_pins() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = tiktok_display.GENERATOR.split()
    assert f"{name}=={version}" in project["optional-dependencies"]["test"]


def test_a_document_without_a_version_is_not_generated_from(
    tool: ModuleType, tmp_path: Path
) -> None:
    spec = tmp_path / "openapi.yaml"
    for version in ("title: none", "version: 1.0"):
        spec.write_text(f"openapi: 3.1.0\ninfo:\n  {version}\n", encoding="utf-8")
        with pytest.raises(tool.GenerationError, match="version"):
            tool.provenance(spec)


def test_a_version_in_quotes_is_the_same_version(tool: ModuleType, tmp_path: Path) -> None:
    spec = tmp_path / "openapi.yaml"
    spec.write_text("info:\n  version: '1.2.3'  # words\n", encoding="utf-8")
    assert 'SPEC_VERSION = "1.2.3"' in tool.provenance(spec)
