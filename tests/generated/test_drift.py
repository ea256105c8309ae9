"""The gate between openapi.yaml and generated/: nothing passes it but what the generator makes."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"
CURE = "nox -s regenerate"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of generated/ to spoil."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(GENERATED, tmp_path / "generated", ignore=ignored))


def client_of(generated: Path) -> Path:
    return generated / "tiktok_display_api" / "client.py"


def test_regenerating_cures_whatever_was_done_and_gives_the_committed_bytes(
    tool: ModuleType, copy: Path
) -> None:
    client_of(copy).write_text("edited by hand")
    (copy / "stray.py").touch()
    assert tool.main(["--generated", str(copy)]) == 0
    assert tool.differences(GENERATED, copy) == []


def test_a_changed_specification_fails_the_gate_until_the_code_is_regenerated(
    tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "openapi.yaml"
    text = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    changed.write_text(text.replace("The number of likes.", "How many like it."), encoding="utf-8")
    assert tool.main(["--check", "--spec", str(changed)]) == 1
    printed = capsys.readouterr().out
    assert "tiktok_display_api/models/video.py: differs" in printed
    assert CURE in printed


def test_the_gate_says_nothing_when_nothing_differs(
    tool: ModuleType, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.report(tool.differences(copy, GENERATED)) == 0
    assert capsys.readouterr().out == ""


def test_one_changed_byte_fails_the_gate(
    tool: ModuleType, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = client_of(copy)
    path.write_bytes(path.read_bytes().replace(b"5.0", b"6.0", 1))
    assert tool.report(tool.differences(copy, GENERATED)) == 1
    printed = capsys.readouterr().out
    assert "tiktok_display_api/client.py: differs" in printed
    assert CURE in printed


def test_a_stray_file_fails_the_gate(
    tool: ModuleType, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "tiktok_display_api" / "models" / "old.py").touch()
    assert tool.report(tool.differences(copy, GENERATED)) == 1
    printed = capsys.readouterr().out
    assert "tiktok_display_api/models/old.py: stray" in printed
    assert CURE in printed


def test_a_missing_file_fails_the_gate(
    tool: ModuleType, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "tiktok_display_api" / "py.typed").unlink()
    assert tool.report(tool.differences(copy, GENERATED)) == 1
    printed = capsys.readouterr().out
    assert "tiktok_display_api/py.typed: missing" in printed
    assert CURE in printed


def test_the_caches_of_python_do_not_count(tool: ModuleType, copy: Path) -> None:
    cache = copy / "tiktok_display_api" / "__pycache__"
    cache.mkdir()
    (cache / "client.cpython-311.pyc").touch()
    assert tool.differences(copy, GENERATED) == []


def test_a_directory_without_generated_code_is_not_deleted(
    tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    precious = tmp_path / "precious.txt"
    precious.touch()
    assert tool.main(["--generated", str(tmp_path)]) == 1
    assert precious.exists()
    assert "left alone" in capsys.readouterr().err


def test_a_text_no_longer_in_the_generators_template_stops_the_generation(
    tool: ModuleType, tmp_path: Path
) -> None:
    for number, replacement in enumerate(tool.REPLACEMENTS):
        gone = replace(replacement, old=f"gone: {replacement.old}")
        with pytest.raises(tool.GenerationError) as failure:
            tool.write_templates(tmp_path / str(number), [gone])
        assert replacement.template in str(failure.value)
        assert gone.old in str(failure.value)


def test_a_text_found_twice_stops_the_generation_too(tool: ModuleType) -> None:
    for replacement in tool.REPLACEMENTS:
        with pytest.raises(tool.GenerationError, match="2 times"):
            replacement.apply(replacement.old * 2)


def test_the_tools_are_those_that_the_project_pins(tool: ModuleType) -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name, version in tool.PINNED.items():
        assert f'"{name}=={version}"' in project
