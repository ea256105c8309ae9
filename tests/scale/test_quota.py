"""Four processes keep to one quota, and use it."""

import pytest

from tests.reliability.places import KINDS, place
from tests.scale.quota import Load, rush

# One request under way in each process: at most four of one window arrive in the next, which are
# the 5 % that are left for that.
LOAD = Load(quota=80, window=2.0, threads=1)


@pytest.mark.parametrize("kind", KINDS)
def test_four_processes_that_want_three_times_the_quota_use_it_and_never_exceed_it(
    kind: str,
) -> None:
    with place(kind) as where:
        told = rush(where, LOAD)
    assert told.processes == 4
    assert told.peak <= LOAD.quota
    assert told.used >= 0.97 * LOAD.most
    assert told.refused == 0
    assert told.requests < LOAD.calls  # nobody ran out of work
