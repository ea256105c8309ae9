"""A herd of callers buys one token."""

import pytest

from tests.reliability.herd import CASES, Case, stampede
from tests.reliability.places import Place
from tests.reliability.replica import Rush
from tests.reliability.stage import STRICT, Stage
from tests.reliability.zygote import Zygote


@pytest.mark.parametrize("case", CASES[1:], ids=lambda case: case.name)
def test_128_calls_in_8_processes_are_answered_for_one_token_request(
    zygote: Zygote, where: Place, case: Case
) -> None:
    with Stage(zygote, where, STRICT) as stage:
        herd = stampede(stage, case, 8, Rush(threads=8, tasks=8))
    assert (herd.calls, herd.answered) == (128, 128)
    assert (herd.asked, herd.reused) == (1, 0)
