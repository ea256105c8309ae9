"""Which changes of the specification break clients, and how far its version has to move."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.node.conftest import Show
from tests.spec.edits import Edit, edits
from tools import compare
from tools.changes import BASE, MAJOR, MINOR, PATCH, Change, changes
from tools.specification import SPEC, Specification

HERE = Path(__file__).parent
NOW = Specification(SPEC.read_text(encoding="utf-8"))
BREAKING = edits(HERE / "breaking.diff")  # [the line that is to be named]
HARMLESS = edits(HERE / "harmless.diff")  # [what it is rated as]


@pytest.fixture(scope="module")
def found() -> dict[str, list[Change]]:
    """What the comparison says of each edit, by name."""

    def compared(edit: Edit) -> tuple[str, list[Change]]:
        return edit.name, changes(NOW, Specification(edit.apply(NOW.source)))

    with ThreadPoolExecutor(2) as two:  # each waits for a process of its own
        return dict(two.map(compared, [*BREAKING, *HARMLESS]))


def named(edit: Edit, change: Change) -> str:
    """The text of the line that a change names."""
    source = NOW.source if change.file == BASE else edit.apply(NOW.source)
    return source.splitlines()[change.line - 1].strip()


def test_every_change_that_breaks_a_client_is_found_with_the_line_that_breaks_it(
    found: dict[str, list[Change]], show: Show
) -> None:
    lines = {
        edit.name: [named(edit, one) for one in found[edit.name] if one.impact == MAJOR]
        for edit in BREAKING
    }
    caught = [edit for edit in BREAKING if edit.purpose in lines[edit.name]]
    show(
        f"Changes that break clients: {len(caught)} of {len(BREAKING)} found, and the line named",
        [f"{edit.name:44}{edit.purpose if edit in caught else '-'}" for edit in BREAKING],
    )
    assert len(BREAKING) >= 21
    assert [edit.name for edit in BREAKING if edit not in caught] == []


def test_no_harmless_change_is_taken_for_one_that_breaks_a_client(
    found: dict[str, list[Change]], show: Show
) -> None:
    rated = {
        edit.name: found[edit.name][0].impact if found[edit.name] else "nothing"
        for edit in HARMLESS
    }
    alarms = [name for name, impact in rated.items() if impact == MAJOR]
    show(
        f"Harmless changes: {len(HARMLESS)}, false alarms: {len(alarms)}",
        [f"{name:44}{impact}" for name, impact in rated.items()],
    )
    assert len(HARMLESS) >= 12
    assert rated == {edit.name: edit.purpose for edit in HARMLESS}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "openapi.yaml"


@pytest.fixture
def git(path: Path) -> Callable[..., None]:
    """Git in a fresh repository that has openapi.yaml on its main branch."""

    def run(*arguments: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=path.parent, check=True, capture_output=True)

    path.write_text(NOW.source, encoding="utf-8")
    run("init", "--initial-branch", "main")
    run("add", path.name)
    run("commit", "--message", "first")
    return run


def test_the_last_release_is_compared_with_and_before_the_first_the_main_branch(
    path: Path, git: Callable[..., None]
) -> None:
    assert compare.last_release(path.parent) == "main"
    git("checkout", "-b", "topic")
    git("tag", "v0.1.0")
    git("tag", "very-old")
    git("commit", "--allow-empty", "--message", "second")
    git("tag", "v0.2.0-rc.1")
    git("tag", "v1-docs")
    assert compare.last_release(path.parent) == "v0.1.0"


def test_without_git_and_without_a_revision_nothing_is_compared_and_that_is_said(
    path: Path, git: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    git("branch", "--move", "trunk")
    assert compare.main([str(path)]) == 1
    assert "name one with --base" in capsys.readouterr().err
    assert compare.main([str(path), "--base", "nowhere"]) == 1
    assert "no openapi.yaml at nowhere" in capsys.readouterr().err


def test_what_is_no_specification_is_not_compared_and_that_is_said(
    path: Path, git: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    for odd in (b"a: [", b"title: \xe9"):
        path.write_bytes(odd)
        assert compare.main([str(path)]) == 1
        assert "not both are YAML" in capsys.readouterr().err
    path.unlink()
    assert compare.main([str(path)]) == 1
    assert "Nothing was compared" in capsys.readouterr().err


def test_a_shallow_clone_says_that_it_may_hide_the_last_release(
    path: Path, git: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    git("commit", "--allow-empty", "--message", "second")
    clone = path.parent / "clone"
    git("clone", "--depth", "1", path.parent.as_uri(), str(clone))
    assert compare.main([str(clone / path.name)]) == 0
    assert "shallow" in capsys.readouterr().out


def test_a_change_that_breaks_a_client_fails_until_the_version_has_moved(
    path: Path, git: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    git("tag", "v0.1.0")
    broken = NOW.source.replace("maximum: 20", "maximum: 10")
    line = broken.partition("maximum: 10")[0].count("\n") + 1
    path.write_text(broken, encoding="utf-8")
    assert compare.main([str(path)]) == 1
    told = capsys.readouterr().out
    assert f"major: openapi.yaml:{line}: Upper bound of `max_count` changed" in told
    now = compare.version(NOW)
    needed = compare.dotted(compare.demanded(now, MAJOR))
    assert f"has to be {needed} at least: this breaks clients" in told
    path.write_text(
        broken.replace(f"version: {compare.dotted(now)}", f"version: {needed}"), encoding="utf-8"
    )
    assert compare.main([str(path)]) == 0
    assert "major: " in capsys.readouterr().out


def test_what_was_removed_is_named_where_it_was(
    path: Path, git: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    (gone,) = (edit for edit in BREAKING if edit.name == "a status removed")
    path.write_text(gone.apply(NOW.source), encoding="utf-8")
    assert compare.main([str(path)]) == 1
    assert "major: main:openapi.yaml:" in capsys.readouterr().out


def test_a_document_that_did_not_change_may_keep_its_version(
    path: Path, git: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare.main([str(path)]) == 0
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize(
    ("before", "impact", "lowest"),
    [
        ((0, 1, 0), MAJOR, (0, 2, 0)),
        ((0, 1, 0), MINOR, (0, 2, 0)),
        ((0, 1, 0), PATCH, (0, 1, 1)),
        ((1, 2, 3), MAJOR, (2, 0, 0)),
        ((1, 2, 3), MINOR, (1, 3, 0)),
        ((1, 2, 3), PATCH, (1, 2, 4)),
    ],
)
def test_the_lowest_version_follows_from_the_worst_change(
    before: compare.Version, impact: str, lowest: compare.Version
) -> None:
    worst = [Change(impact, "head.yaml", 1, "")]
    assert compare.demanded(before, impact) == lowest
    assert compare.complaint(before, before, worst).startswith(f"info.version is {before[0]}.")
    assert compare.complaint(before, lowest, worst) == ""


def test_a_version_may_move_alone_but_does_not_go_back(
    path: Path, git: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    now = f"version: {compare.dotted(compare.version(NOW))}"
    path.write_text(NOW.source.replace(now, "version: 99.0.0"), encoding="utf-8")
    assert compare.main([str(path)]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    path.write_text(NOW.source.replace(now, "version: 0.0.1"), encoding="utf-8")
    assert compare.main([str(path)]) == 1
    assert capsys.readouterr().out.endswith("at least: a version does not go back\n")


@pytest.mark.parametrize("words", ["1.0", "1.0.0-rc1", "None"])
def test_a_version_is_three_numbers(words: str) -> None:
    with pytest.raises(compare.ComparisonError):
        compare.version(Specification(f"info: {{version: '{words}'}}"))
