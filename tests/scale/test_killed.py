"""The short form of `killed`: a kill of each kind."""

import random

from tests.scale.killed import WITH_GRACE, plans, play
from tests.scale.tables import Differences

KINDS = ("worker", "scheduler", "all")
CREATORS = 16


def test_whatever_is_killed_nothing_is_lost_and_nothing_doubled(postgres_dsn: str) -> None:
    tally = play(WITH_GRACE, KINDS, CREATORS, 7, postgres_dsn)
    assert tally.kills == dict.fromkeys(KINDS, 1)
    assert tally.differences == Differences()
    assert (tally.lost, tally.strangers) == (0, 0)
    assert tally.refreshes >= 3 * CREATORS


def test_tokens_end_amid_a_run_only_where_all_are_fresh() -> None:
    planned = list(plans(["worker"] * 100, 40, random.Random(7)))
    amid = [number for number, plan in enumerate(planned) if not plan.is_expired]
    assert len(amid) > 20
    assert all(planned[number - 1].is_expired for number in amid)
    assert all(plan.expiry < plan.moment <= plan.expiry + 80 for plan in planned)
