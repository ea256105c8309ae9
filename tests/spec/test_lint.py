"""The linter, as far as Python alone can tell: gates, lines, exit codes."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.spec.edits import edit
from tools import lint, redocly
from tools.specification import SPEC, Complaint, Specification

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


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("        '200':", "        200:", "line {}: a key that is no text: quote it"),
        (
            "explode: false",
            "explode: false\n      on: 1",
            "line {}: a key that is no text: quote it",
        ),
        ("tags: [videos]", "tags: &ring [*ring]", "line {}: found unconstructable recursive node"),
        ("info:", "info: &ring\n  x-ring: *ring", "line {}: found unconstructable recursive node"),
        ("TikTok Display API", "TikTok \0", "unacceptable character #x0000"),
    ],
)
def test_a_text_that_json_cannot_say_is_said_to_be_so_and_looked_at_no_further(
    linted: Lint, old: str, new: str, words: str
) -> None:
    broken = SOURCE.replace(old, new, 1)
    lines = {line_of(old, SOURCE), line_of(old, SOURCE) + 1}
    code, told = linted(broken)
    assert code == 1
    assert told.startswith("yaml: 1\n")
    assert any(words.format(line) in told for line in lines)
    assert "rules" not in told


def test_a_date_is_a_text_and_so_no_version(linted: Lint) -> None:
    dated = re.sub(r"^  version: .*$", "  version: 2026-11-22", SOURCE, flags=re.MULTILINE)
    code, told = linted(dated)
    assert code == 1
    assert told.startswith("yaml: nothing\nvalidator: nothing\n")
    assert "the version is three numbers [version]" in told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("paths:\n", "x-paths:\n"),
        ("  schemas:\n", "  schemas:\n  x-schemas:\n"),
        ("  - url: https://open.tiktokapis.com\n    description: TikTok\n", "  - https://it\n"),
        ("              first:\n", "              text: a text\n              first:\n"),
        ("info:\n", "info:\nx-info:\n"),
        ("      properties:\n", "      properties:\n      x-properties:\n"),
    ],
)
def test_every_gate_speaks_of_a_document_that_is_odder_than_it_expects(
    linted: Lint, old: str, new: str
) -> None:
    assert old in SOURCE
    code, told = linted(SOURCE.replace(old, new, 1))
    assert code == 1
    for gate in lint.GATES:
        assert f"\n{gate}: " in told


def test_a_gate_that_breaks_says_so_after_what_it_had_to_say(
    linted: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(_: Specification) -> Iterator[Complaint]:
        yield Complaint("#/info", "this first")
        raise TypeError("no text")

    monkeypatch.setitem(lint.GATES, "validator", breaking)
    line = line_of("info:\n", SOURCE)
    assert linted(SOURCE) == (
        1,
        (
            f"yaml: nothing\nvalidator: 2\n  openapi.yaml:{line}: this first\n"
            "  openapi.yaml: it breaks on this document: TypeError: no text\n"
            "examples: nothing\nhouse rules: nothing\n"
        ),
    )


@pytest.mark.parametrize("content", [None, "title: Café".encode("latin-1")])
def test_a_file_that_cannot_be_read_is_said_to_be_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "openapi.yaml"
    if content is not None:
        path.write_bytes(content)
    assert lint.main([str(path), "--python-only"]) == 1
    assert capsys.readouterr().err.startswith(f"{path} cannot be read: ")


def test_a_log_id_in_either_quotes_is_quoted(linted: Lint) -> None:
    assert linted(re.sub(r"log_id: '(\w+)'", r'log_id: "\1"', SOURCE))[0] == 0


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
