"""What `kill -9` leaves behind: once at each step, and a few times at random."""

from tests.reliability.kills import SERVERS, lanes, run
from tests.reliability.places import Place
from tests.reliability.scenes import STEPS
from tests.reliability.zygote import Zygote

KILLS = len(STEPS) + 4


def test_with_a_grace_a_kill_costs_no_login(zygote: Zygote, where: Place) -> None:
    tally = run(zygote, where, lanes(SERVERS["with a grace"], KILLS, seed=7))
    assert tally.broken == []
    assert tally.losses.total() == 0


def test_without_a_grace_a_login_that_a_kill_has_cost_is_found_and_named(
    zygote: Zygote, where: Place
) -> None:
    tally = run(zygote, where, lanes(SERVERS["without"], KILLS, seed=7))
    assert tally.broken == []
    assert tally.losses["answer received"] == 1
