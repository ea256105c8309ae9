"""One round: a replica is killed amid a call, and the others make theirs."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from typing import Self

from attrs import Factory, define, field, frozen

from tests.reliability.replica import GO, OK, Call
from tests.reliability.stage import LOST, Server, Stage, until
from tests.reliability.zygote import Child
from tiktok_display import TokenStoreError
from tiktok_display.auth.refresh import LEASE, REST
from tiktok_display.auth.tokens import TOKEN_PATH
from tiktok_display.sandbox.faults import FaultOptions

PATIENCE = 5.0  # s for an answer on a busy machine: far less than the lease of a dead replica

BUSY = FaultOptions(path=TOKEN_PATH, times=1, code="temporarily_unavailable")
SLOW = FaultOptions(path=TOKEN_PATH, times=1, latency=60.0)
MUTE = FaultOptions(path=TOKEN_PATH, times=1, drop=True)  # the tokens change, and nobody hears it


@frozen
class Step:
    """Where a replica is killed.

    Attributes:
        name: for the table.
        halt: before or after which step of the refresh; None where the server has acted on the
            request, and has not answered.
        trouble: what becomes of the first token request.
        costs: whether the next pair is lost there, where the server has no grace; None for perhaps.
        asks: token requests, at most.
        rests: whether nobody is to ask for a while.
        amid: whether it goes on first, and is killed a few milliseconds later.
    """

    name: str
    halt: str | None = None
    trouble: FaultOptions = field(factory=FaultOptions)
    costs: bool | None = False
    asks: int = 1
    rests: bool = False
    amid: bool = False

    def allowed(self, server: Server) -> set[str]:
        """What the calls after it may come to."""
        if server.grace or self.costs is False:
            return {OK}
        return {LOST} if self.costs else {OK, LOST}


STEPS = (
    Step("before read", "before read"),
    Step("after read", "after read"),
    Step("before begin", "before begin"),
    Step("amid begin", "before begin", costs=None, asks=2, amid=True),
    Step("after begin", "after begin"),
    Step("request sent", None, SLOW, costs=True, asks=2),
    Step("answer received", "before commit", costs=True, asks=2),
    Step("amid commit", "before commit", costs=None, asks=2, amid=True),
    Step("after commit", "after commit"),
    Step("outage, before fail", "before fail", BUSY, asks=2),
    Step("outage, after fail", "after fail", BUSY, asks=2, rests=True),
    Step("answer lost, before commit", "before commit", MUTE, costs=True, asks=3),
    Step("answer lost, after commit", "after commit", MUTE, costs=True, asks=2),
)
NOWHERE = Step("without a kill")
ANYWHERE = Step("at random", costs=None, asks=2)


@define
class Tally:
    """What rounds have come to; ``broken`` has a line for every promise that did not hold."""

    kills: Counter[str] = Factory(Counter)  # by step, as the losses
    losses: Counter[str] = Factory(Counter)
    unreadable: int = 0
    misnamed: int = 0
    slowest: float = 0.0  # s from a kill to a survivor's answer
    broken: list[str] = Factory(list)

    def add(self, other: Self) -> None:
        """And those of another lane."""
        self.kills += other.kills
        self.losses += other.losses
        self.unreadable += other.unreadable
        self.misnamed += other.misnamed
        self.slowest = max(self.slowest, other.slowest)
        self.broken += other.broken


class Scene:
    """Rounds on one stage. One replica, the veteran, lives until chance makes it the victim: it has
    a token at hand, and finds out by its refusal that it has expired.
    """

    def __init__(self, stage: Stage, chance: random.Random) -> None:
        self.tally = Tally()
        self._stage, self._chance, self._step = stage, chance, NOWHERE
        self._veteran = stage.replica()
        stage.expire()
        began = time.monotonic()
        tell([self._veteran])
        self._conclude(self._heard([self._veteran], began))
        self._span = time.monotonic() - began  # s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._veteran.end()

    def at_step(self, step: Step, *, together: bool) -> None:
        """A replica dies at a step; ``together``: while others already wait for it."""
        stage, self._step = self._stage, step
        stage.expire()
        if step.trouble:
            stage.box.fault(**step.trouble)
        with stage.replica() as fresh:
            victim, others = stage.replica(step.halt), [fresh, self._veteran]
            tell([victim])
            if step.halt is None:
                until(lambda: stage.box.refreshes == 1)
            else:
                victim.halted()
            if together:
                tell(others)
                time.sleep(0.05)
            if step.amid:
                victim.tell(GO)
                time.sleep(self._chance.uniform(0.0, self._span / 4))
            killed_at = self._kill(victim)
            if not together:
                tell(others)
            if step.rests:
                self._rest(others)
                killed_at = time.monotonic()
            self._conclude(self._heard(others, killed_at))

    def at_random(self, *, together: bool) -> None:
        """A replica dies at any instant of its call, which two others make at the same time, or
        afterwards. Half of the time the token endpoint is slow.
        """
        stage, self._step = self._stage, ANYWHERE
        stage.expire()
        latency = self._chance.choice((0.0, self._span))
        stage.box.fault(path=TOKEN_PATH, latency=latency)
        others = [stage.replica(), stage.replica(), self._veteran]
        victim = others.pop(self._chance.randrange(3) if together else 0)
        fresh, self._veteran = others
        with fresh:
            tell([victim, *others] if together else [victim])
            time.sleep(self._chance.uniform(0.0, self._span + latency))
            killed_at = self._kill(victim)
            if not together:
                tell(others)
            self._conclude(self._heard(others, killed_at))

    def _kill(self, victim: Child) -> float:
        """Kill it, and see what it leaves; the moment (monotonic s)."""
        self.tally.kills[self._step.name] += not victim.has_answered
        victim.kill()
        killed_at = time.monotonic()
        try:
            is_whole = self._stage.box.is_pair(self._stage.record())
        except TokenStoreError:
            is_whole = False
        self.tally.unreadable += not is_whole
        self._expect(is_whole, "the record is not the pair of one answer")
        return killed_at

    def _rest(self, others: Sequence[Child]) -> None:
        """While the token endpoint rests nobody asks it; then they ask."""
        names = {replica.outcome()[0].partition("(")[0] for replica in others}
        self._expect(names == {"RefreshUnavailable"}, f"{names} instead of a rest")
        self._expect(self._stage.box.token_requests == 1, "asked during the rest")
        tell(others, ahead=REST + 1)

    def _heard(self, others: Sequence[Child], killed_at: float) -> set[str]:
        """What the calls of the others come to, in good time."""
        heard = [replica.outcome() for replica in others]
        taken = max(at for _, at in heard) - killed_at
        self.tally.slowest = max(self.tally.slowest, taken)
        lease = 0.0 if self._stage.place.sees_death else self._stage.lease or LEASE
        self._expect(taken < lease + PATIENCE, f"the others were delayed for {taken:.1f} s")
        return {outcome for outcome, _ in heard}

    def _conclude(self, outcomes: set[str]) -> None:
        """Hold the round to what was promised; after a loss the creator logs in again."""
        box, record, asked = self._stage.box, self._stage.record(), self._stage.box.token_requests
        allowed = self._step.allowed(self._stage.server)
        self._expect(len(outcomes) == 1 and outcomes <= allowed, f"calls came to {outcomes}")
        box.clear_faults()
        self._expect(asked <= self._step.asks, f"{asked} token requests")
        self._expect(box.refreshes == 1, f"{box.refreshes} pairs were issued")
        self._expect((box.reuses > 0) == (LOST in outcomes), f"{box.reuses} reuses")
        self.tally.misnamed += bool(outcomes - {OK, LOST})
        if outcomes == {OK}:
            is_good = box.is_latest(record) and not record.intent and record.needs_login is None
            self._expect(is_good, "the record is not the latest pair")
            return
        self.tally.losses[self._step.name] += LOST in outcomes
        self._expect(record.needs_login == LOST, f"the record says {record.needs_login}")
        tell([self._veteran])
        self._expect(self._veteran.outcome()[0] == LOST, "the loss was forgotten")
        self._expect(box.token_requests == asked, "a loss that is known was asked about")
        self._stage.log_in()

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            where = f"{self._stage.place.kind}, {self._stage.server.name}, {self._step.name}"
            self.tally.broken.append(f"{where}: {otherwise}")


def tell(replicas: Sequence[Child], ahead: float = 0.0) -> None:
    """Have them make their calls."""
    for replica in replicas:
        replica.tell(Call(ahead))
