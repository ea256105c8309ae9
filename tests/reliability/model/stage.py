"""A stage: actors in threads of their own, of whom only the one with the baton moves.

So whoever directs chooses who takes the next step and how it goes, and the same choices give the
same play again.
"""

import threading
from collections.abc import Callable

from attrs import Factory, define, frozen

_PATIENCE = 20.0  # s of real time; an actor that is silent for longer waits for a real lock


class Killed(BaseException):
    """The actor's process is dead: it unwinds, and touches nothing any more."""


@frozen
class Pause:
    """What an actor is about to do."""

    act: str
    troubles: tuple[str, ...] = ()  # how it can go wrong
    is_ready: Callable[[], bool] = lambda: True  # whether it can go right
    until: float | None = None  # s; a sleeper's awakening


def _baton() -> threading.Semaphore:
    return threading.Semaphore(0)


@define(eq=False)
class Actor:
    """Somebody's work, up to its next pause."""

    work: Callable[[], object]
    troupe: object  # with whom it dies
    subject: str  # whose tokens it is about
    pause: Pause | None = None  # None before the beginning
    order: str = ""
    is_over: bool = False
    is_killed: bool = False
    failure: BaseException | None = None
    go: threading.Semaphore = Factory(_baton)
    rest: threading.Semaphore = Factory(_baton)

    def __attrs_post_init__(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        self.go.acquire()
        try:
            if not self.is_killed:
                self.work()
        except Killed:
            pass
        except BaseException as failure:  # noqa: BLE001 - the director's to judge
            self.failure = failure
        self.is_over = True
        self.rest.release()

    @property
    def is_ready(self) -> bool:
        """Whether its next step can go right."""
        return self.pause is None or self.pause.is_ready()

    @property
    def troubles(self) -> tuple[str, ...]:
        """How its next step can go wrong."""
        return () if self.pause is None else self.pause.troubles


class Stage:
    """The actors, and the time, which only sleepers and the director move."""

    def __init__(self) -> None:
        self.now = 0.0  # s; never goes back
        self.actors: list[Actor] = []
        self._running: Actor | None = None

    @property
    def running(self) -> Actor:
        """Who has the baton."""
        assert self._running is not None, "nobody is on"
        return self._running

    def enter(self, work: Callable[[], object], troupe: object, subject: str) -> Actor:
        """A new actor, who has not begun yet."""
        actor = Actor(work, troupe, subject)
        self.actors.append(actor)
        return actor

    def pause(self, pause: Pause) -> str:
        """Give the baton back; how the next step is to go comes with it. For the one who has it."""
        actor = self.running
        if actor.is_killed:
            raise Killed
        actor.pause = pause
        actor.rest.release()
        actor.go.acquire()
        if actor.is_killed:
            raise Killed
        if pause.until is not None:
            self.now = max(self.now, pause.until)
        return actor.order

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        if seconds:
            self.pause(Pause("sleep", until=self.now + seconds))

    def resume(self, actor: Actor, order: str = "") -> None:
        """One step of one actor, which goes well, or as ``order`` says."""
        self._running, actor.order = actor, order
        actor.go.release()
        assert actor.rest.acquire(timeout=_PATIENCE), "an actor waits for a lock of another"
        self._running = None
        if actor.is_over:
            self.actors.remove(actor)
            if actor.failure is not None:
                raise actor.failure

    def kill(self, troupe: object) -> None:
        """``kill -9``: those of one troupe take no further step."""
        for actor in [actor for actor in self.actors if actor.troupe is troupe]:
            actor.is_killed = True
            self.resume(actor)

    def play(self, subject: str | None = None, troupe: object = None, steps: int = 5_000) -> bool:
        """Let all go well until nobody can go on; whether that comes to pass.

        ``subject``, ``troupe``: only those of one, while the others stand still.
        """
        for _ in range(steps):
            ready = [
                actor
                for actor in self.actors
                if actor.is_ready
                and subject in (None, actor.subject)
                and (troupe is None or troupe is actor.troupe)
            ]
            if not ready:
                return True
            self.resume(min(ready, key=_awakening))
        return False


def _awakening(actor: Actor) -> float:
    """When it goes on: whoever does not sleep is first."""
    until = None if actor.pause is None else actor.pause.until
    return 0.0 if until is None else until
