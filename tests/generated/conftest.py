"""The generating tool, and what it makes of the specification now."""

from types import ModuleType

import pytest

from tools import generate


@pytest.fixture(scope="session")
def tool() -> ModuleType:
    """tools/generate.py."""
    return generate
