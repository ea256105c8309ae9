"""The rules that make the specification right for every language, each with its faults."""

from pathlib import Path

import pytest

from tests.spec.edits import Edit, edits
from tools import rules
from tools.specification import SPEC, Specification

SOURCE = SPEC.read_text(encoding="utf-8")
NAMES = [rule.__name__ for rule in rules.RULES]
FAULTS = [fault for fault in edits(Path(__file__).with_name("faults.diff")) if fault.purpose]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_document_keeps_the_rule(rule: rules.Rule, spec: Specification) -> None:
    assert rule.__doc__
    assert list(rule(spec)) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_fault_is_found_by_the_rule_against_it(fault: Edit) -> None:
    rule = rules.RULES[NAMES.index(fault.purpose)]
    assert list(rule(Specification(fault.apply(SOURCE)))) != []


def test_there_is_a_fault_for_every_rule() -> None:
    assert {fault.purpose for fault in FAULTS} == set(NAMES)


def test_a_document_that_says_nothing_breaks_rules_but_no_rule_breaks_on_it() -> None:
    assert list(rules.complaints(Specification("openapi: 3.1.0\ninfo: {}\npaths: {}\n"))) != []
