"""What all tests share."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine than of the code.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The event loop that the asynchronous client is made for."""
    return "asyncio"


@pytest.fixture(scope="session")
def sample() -> Callable[[str], object]:
    """An answer recorded from TikTok, or printed in its documentation, by name."""
    return lambda name: json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
