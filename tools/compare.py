"""Compare openapi.yaml with the last release, and fail if its version has not moved far enough.

Versions are those of https://semver.org: the first number moves for what breaks a client, the
second for what is added, the third for words. Before 1.0.0 the second moves for what breaks, too.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from tools.changes import BASE, MAJOR, MINOR, PATCH, Change, changes
from tools.redocly import RedoclyError
from tools.specification import SPEC, Specification

Version = tuple[int, int, int]

WHY = {MAJOR: "this breaks clients", MINOR: "something is added", PATCH: "something is changed"}


class ComparisonError(Exception):
    """There is nothing to compare with; the message says why."""


def git(repository: Path, *arguments: str) -> str | None:
    """What Git answers; nothing, if it refuses."""
    told = subprocess.run(
        ["git", *arguments],  # noqa: S607 - whichever Git the checkout was made with
        cwd=repository,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return told.stdout if told.returncode == 0 else None


def last_release(repository: Path) -> str:
    """What to compare with: the last release by its tag; before the first, the main branch."""
    tags = ("--match", "v[0-9]*.[0-9]*.[0-9]*", "--exclude", "*-*")  # no candidate is a release
    tag = git(repository, "describe", "--tags", "--abbrev=0", *tags)
    if tag is not None:
        return tag.strip()
    if (git(repository, "rev-parse", "--is-shallow-repository") or "").strip() == "true":
        print("A shallow clone may hide the last release: git fetch --unshallow --tags")
    for branch in ("origin/main", "main"):
        if git(repository, "rev-parse", "--verify", "--quiet", f"{branch}^{{commit}}") is not None:
            return branch
    raise ComparisonError("Git knows neither a release nor a main branch; name one with --base")


def released(path: Path, revision: str) -> Specification:
    """The specification as it was then."""
    source = git(path.parent, "show", f"{revision}:./{path.name}")
    if source is None:
        raise ComparisonError(f"Git has no {path.name} at {revision}")
    return Specification(source)


def version(spec: Specification) -> Version:
    text = str(spec.at("#/info").get("version"))
    try:
        major, minor, patch = map(int, text.split("."))
    except ValueError:
        raise ComparisonError(f"info.version is {text}, and not three numbers") from None
    return major, minor, patch


def demanded(before: Version, impact: str) -> Version:
    """The lowest version that a change of this impact may have."""
    major, minor, patch = before
    if impact == PATCH:
        return major, minor, patch + 1
    if impact == MAJOR and major > 0:
        return major + 1, 0, 0
    return major, minor + 1, 0


def complaint(before: Version, after: Version, found: Sequence[Change]) -> str:
    """What is wrong with the new version for these changes, the worst first; empty if nothing."""
    lowest = demanded(before, found[0].impact) if found else before
    if after >= lowest:
        return ""
    why = WHY[found[0].impact] if found else "a version does not go back"
    return f"info.version is {dotted(after)}, and has to be {dotted(lowest)} at least: {why}"


def dotted(number: Version) -> str:
    return ".".join(map(str, number))


def compare(path: Path, revision: str) -> int:
    """Print the changes and what is wrong with the version; the exit code."""
    base, head = released(path, revision), Specification(path.read_text(encoding="utf-8"))
    print(f"{path.name} {dotted(version(head))} against {revision}, {dotted(version(base))}")
    found = changes(base, head)
    for change in found:
        file = f"{revision}:{path.name}" if change.file == BASE else path.name
        print(f"  {change.impact}: {file}:{change.line}: {change.words}")
    wrong = complaint(version(base), version(head), found)
    if wrong:
        print(f"{path.name}:{head.line('#/info/version')}: {wrong}")
    return 1 if wrong else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description="Compare openapi.yaml with the last release.")
    parser.add_argument("path", nargs="?", type=Path, default=SPEC, metavar="PATH")
    parser.add_argument("--base", metavar="REVISION", help="instead of the last release")
    options = parser.parse_args(arguments)
    path = options.path.resolve()
    try:
        return compare(path, options.base or last_release(path.parent))
    except (yaml.YAMLError, UnicodeDecodeError):
        print("Nothing was compared: not both are YAML; tools.lint says more", file=sys.stderr)
    except OSError as error:
        print(f"Nothing was compared: {error}", file=sys.stderr)
    except (ComparisonError, RedoclyError) as error:
        print(f"Nothing was compared: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
