"""Look at openapi.yaml through every gate there is, and say which of them has what against it.

The gates: the text is YAML that all parsers read alike; the document is OpenAPI; every example and
every recorded answer fits; the house rules hold; Redocly, with every rule on, has nothing to say.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing.exceptions import Unresolvable

from tools import examples, redocly, rules
from tools.specification import SPEC, Complaint, Specification, escaped

Gate = Callable[[Specification], Iterable[Complaint]]


def yaml_complaints(spec: Specification) -> Iterator[Complaint]:
    """The text is YAML, and no key stands twice in one place."""
    try:
        _ = spec.document
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        yield Complaint("", f"line {line}: {error.problem}")
    except yaml.YAMLError as error:  # a character that YAML does not know
        yield Complaint("", " ".join(str(error).split()))


def validator_complaints(spec: Specification) -> Iterator[Complaint]:
    """The document is OpenAPI 3.1, by the schema of the standard and beyond it."""
    try:
        for error in OpenAPIV31SpecValidator(spec.document).iter_errors():
            pointer = "/".join(["#", *map(escaped, error.path)])
            yield Complaint(pointer, str(error.message).partition("\n")[0])
    except Unresolvable as error:
        yield Complaint("#", f"a reference leads nowhere: {error.ref}")


GATES: dict[str, Gate] = {
    "validator": validator_complaints,
    "examples": examples.complaints,
    "house rules": rules.complaints,
}


def python_gates(spec: Specification) -> dict[str, list[Complaint]]:
    """What each gate has against a document, as far as Python alone can tell."""
    found = {"yaml": list(outspoken(yaml_complaints, spec))}
    if not found["yaml"]:
        found |= {name: list(outspoken(gate, spec)) for name, gate in GATES.items()}
    return found


def outspoken(gate: Gate, spec: Specification) -> Iterator[Complaint]:
    """What a gate says, and that it broke, if it did: a document may be odder than it expects."""
    try:
        yield from gate(spec)
    except Exception as error:  # noqa: BLE001 - the other gates shall still speak
        yield Complaint("", f"it breaks on this document: {type(error).__name__}: {error}")


def redocly_gate(directory: Path, names: Sequence[str]) -> dict[str, list[Complaint]]:
    """What Redocly has against each of some files."""
    answers = redocly.run(directory, "lint", *names, "--max-problems", "1000")
    if len(answers) != len(names):  # it stops at a file that it cannot read, and says so elsewhere
        raise redocly.RedoclyError(f"Redocly answered for {len(answers)} of {len(names)} files")
    return {
        name: list(dict.fromkeys(problem_of(problem) for problem in answer["problems"]))
        for name, answer in zip(names, answers, strict=True)
    }


def problem_of(problem: dict[str, Any]) -> Complaint:
    words = f"{problem['message']} [{problem['ruleId']}]"
    return Complaint(problem["location"][0].get("pointer", "#"), " ".join(words.split()))


def report(path: Path, spec: Specification, found: dict[str, list[Complaint]]) -> int:
    """Print what was found, gate by gate; the exit code."""
    for gate, complaints in found.items():
        print(f"{gate}: {len(complaints) or 'nothing'}")
        for pointer, words in complaints:
            print(f"  {path}:{spec.line(pointer)}: {words}" if pointer else f"  {path}: {words}")
    return 1 if any(found.values()) else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description="Lint openapi.yaml.")
    parser.add_argument("path", nargs="?", type=Path, default=SPEC, metavar="PATH")
    parser.add_argument(
        "--python-only", action="store_true", help="without Redocly, which needs Node.js"
    )
    options = parser.parse_args(arguments)
    path: Path = options.path.resolve()
    try:
        spec = Specification(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        print(f"{options.path} cannot be read: {error}", file=sys.stderr)
        return 1
    found = python_gates(spec)
    try:
        if not options.python_only and not found["yaml"]:
            found["redocly"] = redocly_gate(path.parent, [path.name])[path.name]
    except redocly.RedoclyError as error:
        print(f"Nothing is known of Redocly's rules: {error}", file=sys.stderr)
        report(options.path, spec, found)
        return 1
    return report(options.path, spec, found)


if __name__ == "__main__":
    sys.exit(main())
