"""Does a login survive `kill -9`, at every step and at any instant?

`python -m tests.reliability.kills`

Each round one replica is killed amid a call; what it leaves in the store is read; then the others
make their calls. Either the login goes on, or its loss is found at once and called by its name.
"""

import argparse
import random
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

from attrs import frozen

from tests.reliability.places import KINDS, Place, place
from tests.reliability.scenes import ANYWHERE, STEPS, Scene, Step, Tally
from tests.reliability.stage import FORGIVING, PLAIN, STRICT, Server, Stage
from tests.reliability.table import Table, say
from tests.reliability.zygote import Zygote

LEASE = 1.5  # s, where only its end tells of a death: with the real one a round would take 30 s
SERVERS = {
    "with a grace": (FORGIVING, FORGIVING, FORGIVING, FORGIVING),
    "without": (STRICT, PLAIN, STRICT, PLAIN),
}


@frozen
class Lane:
    """Rounds one after the other, with a creator of their own."""

    server: Server
    chance: random.Random
    steps: Sequence[Step]
    kills: int

    def run(self, zygote: Zygote, where: Place) -> Tally:
        """A kill at each of the steps, and at random until there are so many."""
        lease = None if where.sees_death else LEASE
        with (
            Stage(zygote, where, self.server, lease=lease) as stage,
            Scene(stage, self.chance) as scene,
        ):
            for step in self.steps:
                scene.at_step(step, together=self.chance.random() < 0.5)
            while scene.tally.kills.total() < self.kills:
                scene.at_random(together=self.chance.random() < 0.7)
            return scene.tally


def lanes(servers: Sequence[Server], kills: int, seed: int) -> list[Lane]:
    """So many kills, at least: half of them at the steps, in turns."""
    number = len(servers)
    steps = list(islice(cycle(STEPS), max(kills // 2, len(STEPS))))
    return [
        Lane(
            server=server,
            chance=random.Random(seed + lane),
            steps=steps[lane::number],
            kills=-(-kills // number),
        )
        for lane, server in enumerate(servers)
    ]


def run(zygote: Zygote, where: Place, lanes: Sequence[Lane]) -> Tally:
    """All lanes at once, in one store."""
    whole = Tally()
    with ThreadPoolExecutor(len(lanes)) as pool:
        for tally in pool.map(lambda lane: lane.run(zygote, where), lanes):
            whole.add(tally)
    return whole


def main() -> int:
    """Print the table; 1 where a promise did not hold."""
    parser = argparse.ArgumentParser(prog="tests.reliability.kills", description=__doc__)
    parser.add_argument("--stores", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--kills", type=int, default=250, help="with a grace, and as many without")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    table = Table(
        "store   ", "server       ", "kills", "unreadable", "losses", "misnamed",
        "slowest survivor", "time",
    )  # fmt: skip
    halves = {name: Tally() for name in SERVERS}
    with Zygote() as zygote:
        for kind in given.stores:
            with place(kind) as where:
                for name, servers in SERVERS.items():
                    began = time.monotonic()
                    tally = run(zygote, where, lanes(servers, given.kills, given.seed))
                    halves[name].add(tally)
                    table.row(
                        kind, name, tally.kills.total(), tally.unreadable, tally.losses.total(),
                        tally.misnamed, f"{tally.slowest:.2f} s",
                        f"{time.monotonic() - began:.0f} s",
                    )  # fmt: skip
    show_steps(halves)
    broken = [line for tally in halves.values() for line in tally.broken]
    say("\n".join(broken) or "every promise held")
    return int(bool(broken))


def show_steps(halves: Mapping[str, Tally]) -> None:
    """Which kill costs a login."""
    say("")
    table = Table("killed                    ", *(f"kills {n}  lost" for n in halves))
    for step in (*STEPS, ANYWHERE):
        cells = (f"{t.kills[step.name]:6}  {t.losses[step.name]:4}" for t in halves.values())
        table.row(step.name, *cells)
    say("")


if __name__ == "__main__":
    sys.exit(main())
