"""Which gate finds which of the seeded faults."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.node.conftest import Show
from tests.spec.edits import edits
from tools import lint, redocly
from tools.specification import SPEC, Specification

FAULTS = edits(Path(__file__).parents[1] / "spec" / "faults.diff")
GATES = ["yaml", *lint.GATES, "redocly"]

# No gate knows what TikTok means: these are for the eyes of a reviewer.
FOR_REVIEW = {
    "another limit in the prose",
    "the wrong unit for a length",
    "the page of another API",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The gates that complain, by the name of the fault."""
    directory = tmp_path_factory.mktemp("faults")
    source = SPEC.read_text(encoding="utf-8")
    gates: dict[str, set[str]] = {}
    legible: dict[str, str] = {}
    for number, fault in enumerate(FAULTS):
        broken = Specification(fault.apply(source))
        complaints = lint.python_gates(broken)
        gates[fault.name] = {gate for gate in complaints if complaints[gate]}
        if not complaints["yaml"]:
            legible[f"{number}.yaml"] = fault.name
            (directory / f"{number}.yaml").write_text(broken.source, encoding="utf-8")
    for file, complaints_of_redocly in lint.redocly_gate(directory, list(legible)).items():
        if complaints_of_redocly:
            gates[legible[file]].add("redocly")
    return gates


def test_nine_in_ten_faults_are_found_and_the_others_are_known(
    found: dict[str, set[str]], show: Show
) -> None:
    caught = [name for name in found if found[name]]
    show(
        f"Seeded faults of openapi.yaml: {len(caught)} of {len(found)} found, "
        f"{len(caught) / len(found):.0%}",
        table(found),
    )
    assert len(found) >= 35
    assert len(caught) >= 0.9 * len(found)
    assert found.keys() - caught == FOR_REVIEW


def test_every_gate_finds_a_fault_that_no_other_gate_finds(found: dict[str, set[str]]) -> None:
    alone = {gate for gates in found.values() if len(gates) == 1 for gate in gates}
    assert alone == set(GATES)


def test_redocly_has_nothing_against_the_document() -> None:
    assert lint.redocly_gate(SPEC.parent, [SPEC.name]) == {SPEC.name: []}


def test_a_file_that_redocly_cannot_read_does_not_pass_as_one_without_faults(
    tmp_path: Path,
) -> None:
    (tmp_path / "good.yaml").write_text(SPEC.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("openapi: [", encoding="utf-8")
    with pytest.raises(redocly.RedoclyError):
        lint.redocly_gate(tmp_path, ["good.yaml", "bad.yaml"])


def table(found: dict[str, set[str]]) -> list[str]:
    """A row for each fault, a column for each gate, and what each gate finds in all."""
    head = f"{'':40}" + "".join(f"{gate:>12}" for gate in GATES)
    rows = [
        f"{name:40}" + "".join(f"{'x' if gate in gates else '':>12}" for gate in GATES)
        for name, gates in found.items()
    ]
    alone = [gates for gates in found.values() if len(gates) == 1]
    return [
        head,
        *(row.rstrip() for row in rows),
        f"{'in all':40}" + "".join(f"{count(gate, found.values()):12}" for gate in GATES),
        f"{'and by no other gate':40}" + "".join(f"{count(gate, alone):12}" for gate in GATES),
    ]


def count(gate: str, rows: Iterable[set[str]]) -> int:
    return sum(gate in gates for gates in rows)
