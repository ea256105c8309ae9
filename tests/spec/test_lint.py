"""The linter, as far as Python alone can tell: gates, lines, exit codes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.spec.edits import edit
from tools import lint, redocly
from tools.specification import SPEC, Specification

SOURCE = SPEC.read_text(encoding="utf-8")

Lint = Callable[[str], tuple[int, str]]


@pytest.fixture
def linted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Lint:
    """The exit code and the words for a text."""

    def run(source: str) -> tuple[int, str]:
        path = tmp_path / "openapi.yaml"
        path.write_text(source, encoding="utf-8")
        code = lint.main([str(path), "--python-only"])
        return code, capsys.readouterr().out.replace(str(path), "openapi.yaml")

    return run


def line_of(text: str, source: str) -> int:
    return source.partition(text)[0].count("\n") + 1


def test_no_gate_has_anything_against_the_document(linted: Lint) -> None:
    assert linted(SOURCE) == (
        0,
        "yaml: nothing\nvalidator: nothing\nexamples: nothing\nhouse rules: nothing\n",
    )


def test_a_complaint_names_its_gate_and_its_line(linted: Lint) -> None:
    broken = edit(
        "explode, and a default beyond its bound",
        "-      explode: false\n+      explode: true\n"
        "@@ max_count:\n-          default: 10\n+          default: 50\n",
    ).apply(SOURCE)
    code, told = linted(broken)
    assert code == 1
    assert f"openapi.yaml:{line_of('default: 50', broken)}: 50 is greater than the maximum" in told
    assert f"openapi.yaml:{line_of('    Fields:', broken)}: an array needs `style: form`" in told
    assert "house rules: 2\n" in told


def test_a_text_that_is_no_yaml_is_said_to_be_so_and_looked_at_no_further(linted: Lint) -> None:
    code, told = linted(SOURCE.replace("  title: TikTok", "\ttitle: TikTok"))
    assert code == 1
    assert told.startswith("yaml: 1\n")
    assert "rules" not in told


def test_a_text_that_is_yaml_but_no_document_is_said_to_be_so(linted: Lint) -> None:
    assert linted("openapi") == (1, "yaml: 1\n  openapi.yaml: line 1: this is no mapping\n")


def test_the_answers_of_redocly_are_told_apart_and_what_is_none_is_refused() -> None:
    assert list(redocly.answers('{"a": 1}{"b": {}}\n')) == [{"a": 1}, {"b": {}}]
    assert list(redocly.answers("")) == []
    with pytest.raises(ValueError, match="Expecting value"):
        list(redocly.answers('{"a": 1} Failed'))


def test_a_key_that_stands_twice_is_found_where_it_stands_again(linted: Lint) -> None:
    twice = SOURCE.replace("explode: false\n", "explode: false\n      explode: true\n")
    line = line_of("explode: true", twice)
    assert linted(twice) == (
        1,
        f"yaml: 1\n  openapi.yaml: line {line}: the key 'explode' stands here twice\n",
    )


def test_a_pointer_leads_to_the_line_of_its_key_and_a_lost_one_to_the_nearest_above(
    spec: Specification,
) -> None:
    lines = SOURCE.splitlines()
    slash = spec.line("#/paths/~1v2~1video~1list~1")
    assert lines[slash - 1] == "  /v2/video/list/:"
    assert spec.line("#/paths/~1v2~1video~1list~1/get/tags") == slash
    assert lines[spec.line("#/components/schemas/VideoField/enum/1") - 1].strip() == "- create_time"
    assert spec.line("#/nowhere") == spec.line("elsewhere") == 1
