"""What the short proofs share."""

from collections.abc import Iterator

import pytest

from tests.reliability.places import KINDS, Place, place
from tests.reliability.zygote import Zygote


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """Where replicas come from."""
    with Zygote() as zygote:
        yield zygote


@pytest.fixture(scope="session", params=KINDS)
def where(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Each kind of store that replicas can share."""
    with place(request.param) as where:
        yield where
