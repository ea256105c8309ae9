"""CONTRIBUTING.md's walk through a change of the specification, as it stands there, in a copy."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(
    r"^ *```(?P<kind>diff|sh|sh fails)\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE
)


@frozen
class Step:
    """A block of the walk: an edit, or commands, of which the last may be meant to fail."""

    kind: str
    text: str


def steps(page: str) -> Iterator[Step]:
    """The walk's blocks in a reader's order, without the margin of their list."""
    walk = page.partition("<!-- walk -->")[2].partition("<!-- /walk -->")[0]
    for block in _BLOCK.finditer(walk):
        lines = block["text"].splitlines(keepends=True)
        yield Step(block["kind"], "".join(line.removeprefix("   ") for line in lines))


def edit(diff: str, root: Path) -> None:
    """Do what a diff says; what it stands beside must be there once."""
    head, *lines = diff.splitlines(keepends=True)
    path = root / head.removeprefix("+++ ").rstrip()
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{path.name} does not hold this once:\n{before}"
    path.write_text(text.replace(before, after), encoding="utf-8")


def run(command: str, root: Path) -> subprocess.CompletedProcess[str]:
    """A command in the copy, which comes before the installed package wherever Python looks."""
    paths = [str(root / folder) for folder in ("generated", "wrapper")]
    programs = [str(Path(sys.executable).parent), os.environ["PATH"]]
    return subprocess.run(
        command,
        shell=True,
        cwd=root,
        env=os.environ | {"PATH": os.pathsep.join(programs), "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The repository as it is committed, with the tools of Node that are installed."""
    root = tmp_path / "copy"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(root)], check=True)
    # What was released is the document as it stands: a walk begins at a release.
    subprocess.run(["git", "tag", "v99.0.0"], cwd=root, check=True)
    modules = Path("tools", "node", "node_modules")
    (root / modules).symlink_to(ROOT / modules, target_is_directory=True)
    return root


def test_the_walk_through_a_change_leads_where_it_says(copy: Path) -> None:
    walk = list(steps((copy / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    assert len(walk) >= 8
    for step in walk:
        if step.kind == "diff":
            edit(step.text, copy)
            continue
        done = run(step.text, copy)
        printed = f"{step.text}{done.stdout}{done.stderr}"
        assert (done.returncode != 0) == (step.kind == "sh fails"), printed
    (raised,) = re.findall(r"^\+  version: (\S+)$", "\n".join(s.text for s in walk), re.MULTILINE)
    asked = "import tiktok_display as t; print('save_count' in t.ALL, t.SPEC_VERSION)"
    assert run(f'python -c "{asked}"', copy).stdout == f"True {raised}\n"


def test_an_edit_that_no_longer_fits_is_told(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="does not hold this once"):
        edit("+++ openapi.yaml\n-b: 1\n+b: 2\n", tmp_path)
