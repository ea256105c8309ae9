"""Does a herd of callers, in many processes, buy one token? `python -m tests.reliability.herd`

Each round all calls of all processes are let go at one moment, with one expired token in the store,
against a server that takes a refresh token once and kills the login where it comes twice.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

from attrs import frozen

from tests.reliability.places import KINDS, place
from tests.reliability.replica import GO, OK, READY, Answer, Rush
from tests.reliability.stage import STRICT, Stage
from tests.reliability.table import Table, say
from tests.reliability.zygote import Zygote
from tiktok_display.auth.tokens import TOKEN_PATH


@frozen
class Case:
    """How the token has expired: known from the store, or not before its refusal; and how long the
    token endpoint takes (s), while all have to wait.
    """

    name: str
    is_known: bool = True
    latency: float = 0.0


CASES = (Case("expired"), Case("refused", is_known=False), Case("expired, 0.5 s", latency=0.5))


@frozen
class Round:
    """What one herd came to; s from its release to its last answer."""

    calls: int
    answered: int
    asked: int
    reused: int
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether every call was answered, for one token request."""
        return (self.answered, self.asked, self.reused) == (self.calls, 1, 0)


def stampede(stage: Stage, case: Case, processes: int, rush: Rush) -> Round:
    """One herd."""
    stage.expire(is_known=case.is_known)
    stage.box.fault(path=TOKEN_PATH, latency=case.latency)
    with ExitStack() as stack:
        herd = [stack.enter_context(stage.replica()) for _ in range(processes)]
        for replica in herd:
            replica.tell(rush)
        for replica in herd:
            assert replica.hear() == READY
        released = time.monotonic()
        for replica in herd:
            replica.tell(GO)
        answers = [answer for replica in herd if isinstance(answer := replica.hear(), Answer)]
    stage.box.clear_faults()
    one = Round(
        calls=processes * (rush.threads + rush.tasks),
        answered=sum(answer.outcomes.count(OK) for answer in answers),
        asked=stage.box.token_requests,
        reused=stage.box.reuses,
        seconds=max(answer.at for answer in answers) - released,
    )
    if not one.is_good:  # what it has lost is not the next one's
        stage.log_in()
    return one


def row(done: Sequence[Round]) -> list[str]:
    """The figures of several herds."""
    calls, answered, asked, reused = (
        sum(getattr(one, name) for one in done) for name in ("calls", "answered", "asked", "reused")
    )
    taken = [one.seconds for one in done]
    figures = [str(figure) for figure in (len(done), calls, answered, asked, reused)]
    return [*figures, f"{statistics.median(taken):.2f} s", f"{max(taken):.2f} s"]


def main() -> int:
    """Print the table; 1 where any herd bought more than one token, or any call failed."""
    parser = argparse.ArgumentParser(prog="tests.reliability.herd", description=__doc__)
    parser.add_argument("--stores", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--tasks", type=int, default=8)
    given = parser.parse_args()
    rush, is_good = Rush(given.threads, given.tasks), True
    say(f"{given.processes} processes x ({rush.threads} threads + {rush.tasks} tasks)")
    table = Table(
        "store   ", "token         ", "rounds", "calls", "answered", "token requests", "reuses",
        "median", "worst ",
    )  # fmt: skip
    with Zygote() as zygote:
        for kind in given.stores:
            with place(kind) as where, Stage(zygote, where, STRICT) as stage:
                for case in CASES:
                    done = [
                        stampede(stage, case, given.processes, rush) for _ in range(given.rounds)
                    ]
                    is_good = is_good and all(one.is_good for one in done)
                    table.row(kind, case.name, *row(done))
    return int(not is_good)


if __name__ == "__main__":
    sys.exit(main())
