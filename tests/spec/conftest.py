"""The specification, as its gates see it."""

import pytest

from tools.specification import SPEC, Specification


@pytest.fixture(scope="session")
def spec() -> Specification:
    return Specification(SPEC.read_text(encoding="utf-8"))
