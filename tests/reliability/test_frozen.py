"""A replica that freezes with the lease in hand, and goes on."""

from tests.reliability.frozen import CASES, freeze_all
from tests.reliability.places import Place
from tests.reliability.stage import STRICT
from tests.reliability.zygote import Zygote

LEASE = 1.0  # s
# Where the server punishes, what matters is how long it was, against the real lease.
UNPUNISHED = [case for case in CASES if case.server is not STRICT]


def test_a_frozen_replica_costs_no_login_and_its_pair_is_not_thrown_away(
    zygote: Zygote, where: Place
) -> None:
    outcomes = freeze_all(zygote, where, UNPUNISHED, LEASE)
    for case, outcome in zip(UNPUNISHED, outcomes, strict=True):
        assert outcome.is_good(case, LEASE), (case, outcome)
