"""Does a replica that freezes amid a refresh do harm? `python -m tests.reliability.frozen`

It is stopped with the lease in hand, until that is over and another replica has made its call; then
it goes on.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from attrs import frozen

from tests.reliability.places import KINDS, Place, place
from tests.reliability.replica import GO, OK, Call
from tests.reliability.stage import FORGIVING, LOST, PLAIN, STRICT, Server, Stage
from tests.reliability.table import Table
from tests.reliability.zygote import Zygote
from tiktok_display.auth.refresh import LEASE

SLACK = 5.0  # s beyond the lease, on a busy machine


@frozen
class Case:
    """Where a replica freezes, before which server, and what the calls must come to."""

    halt: str
    server: Server
    others: str  # while it is frozen
    its: str  # once it goes on
    later: str  # all that follow


CASES = (
    Case("after begin", FORGIVING, OK, OK, OK),
    Case("after begin", PLAIN, OK, OK, OK),
    Case("after begin", STRICT, OK, OK, OK),
    Case("before commit", FORGIVING, OK, OK, OK),
    # The other spends a token that is spent: refused, it can only take the next pair for lost.
    Case("before commit", PLAIN, LOST, OK, OK),
    # And here the server answers by killing that pair.
    Case("before commit", STRICT, LOST, LOST, LOST),
)


@frozen
class Outcome:
    """What a case came to; ``waited``: s from the other's call to its end."""

    others: str
    its: str
    later: frozenset[str]
    waited: float
    asked: int
    is_latest: bool

    def is_good(self, case: Case, lease: float) -> bool:
        """Whether it is as it must be, and the record ends on the server's latest pair."""
        said = (self.others, self.its, self.later)
        expected = (case.others, case.its, frozenset({case.later}))
        in_time = self.waited < lease + SLACK
        return said == expected and in_time and self.is_latest


def freeze(zygote: Zygote, where: Place, case: Case, lease: float | None = None) -> Outcome:
    """Play one case; with a shorter ``lease`` (s) than the real one, if given."""
    with (
        Stage(zygote, where, case.server, lease=lease) as stage,
        stage.replica(case.halt) as holder,
        stage.replica() as other,
        stage.replica() as third,
    ):
        stage.expire()
        holder.tell(Call())
        holder.halted()
        holder.freeze()
        holder.tell(GO)
        began = time.monotonic()
        other.tell(Call())
        others, ended = other.outcome()
        holder.thaw()
        its, _ = holder.outcome()
        later = set[str]()
        for replica in (other, third, holder):
            replica.tell(Call())
            later.add(replica.outcome()[0])
        return Outcome(
            others=others,
            its=its,
            later=frozenset(later),
            waited=ended - began,
            asked=stage.box.token_requests,
            is_latest=stage.box.is_latest(stage.record()),
        )


def freeze_all(
    zygote: Zygote, where: Place, cases: Sequence[Case], lease: float | None = None
) -> list[Outcome]:
    """Play them at the same time, each with a creator of its own."""
    with ThreadPoolExecutor(len(cases)) as pool:
        return list(pool.map(lambda case: freeze(zygote, where, case, lease), cases))


def main() -> int:
    """Print the table; 1 where a promise did not hold."""
    parser = argparse.ArgumentParser(prog="tests.reliability.frozen", description=__doc__)
    parser.add_argument("--stores", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--lease", type=float, help="s, instead of the real one")
    given = parser.parse_args()
    lease, broken = given.lease or LEASE, 0
    table = Table(
        "store   ", "frozen       ", "server                  ", "the other    ", "after ",
        "itself          ", "later           ", "token requests", "promises",
    )  # fmt: skip
    with Zygote() as zygote:
        for kind in given.stores:
            with place(kind) as where:
                outcomes = freeze_all(zygote, where, CASES, given.lease)
            for case, one in zip(CASES, outcomes, strict=True):
                is_good = one.is_good(case, lease)
                broken += not is_good
                table.row(
                    kind, case.halt, case.server.name, one.others, f"{one.waited:.1f} s", one.its,
                    ", ".join(sorted(one.later)), one.asked, "held" if is_good else "BROKEN",
                )  # fmt: skip
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
