"""A sandbox with many creators, at the real time, that counts what arrives."""

import random
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from attrs import evolve

from tiktok_display.auth.tokens import TOKEN_PATH
from tiktok_display.sandbox import Request, Response, Sandbox
from tiktok_display.sandbox.faults import FaultOptions, FaultRule

LIST = "/v2/video/list/"
# Of a hundred lists two go wrong: what happens, and how many requests more it takes.
MIX = (
    (FaultOptions(path=LIST, status=500, probability=0.005), 1),
    (FaultOptions(path=LIST, drop=True, probability=0.005), 1),
    (FaultOptions(path=LIST, code="rate_limit_exceeded", probability=0.004), 1),
    (FaultOptions(path=LIST, latency=0.5, probability=0.003), 0),
)

VideoRow = tuple[str, str, int, int, int, int, int]
"""open_id, id, create_time (s), and the counters of views, likes, comments, shares."""
Pair = tuple[str, str]
"""An access token and its refresh token."""


class Counted(NamedTuple):
    """What has arrived.

    Attributes:
        requests: to whatever endpoint.
        lists, tokens: of these, lists and token requests.
        walks: answered lists that began with the newest video.
        refreshes: refresh tokens that were replaced.
        faults: requests that went wrong by a rule...
        repeats: ...and the requests more that this has to cost.
    """

    requests: int
    lists: int
    tokens: int
    walks: int
    refreshes: int
    faults: int
    repeats: int


class Town(Sandbox):
    """Creators with so many videos each; without a limit of requests.

    Args:
        sizes: how many videos, creator by creator.
        seed: as the sandbox takes it; also for what is posted.
        grace: s for which a refresh token that was replaced is answered with its successor.
        detection: whether one that comes again later ends its login.
    """

    def __init__(
        self, sizes: Sequence[int], seed: int, *, grace: float = 0.0, detection: bool = False
    ) -> None:
        self._chance, self._counting = random.Random(seed), threading.Lock()
        self._rules: list[tuple[FaultRule, int]] = []
        self._forget()
        super().__init__(
            seed=seed,
            creators=0,
            now=datetime.now(UTC),  # the client's clock is the machine's
            rate_limit=None,
            refresh_grace=grace,
            reuse_detection=detection,
        )
        for size in sizes:
            self.add_creator(size)

    def truth(self) -> list[VideoRow]:
        """Every video of every creator."""
        return [
            (
                creator.open_id,
                video.id,
                video.create_time,
                video.view_count,
                video.like_count,
                video.comment_count,
                video.share_count,
            )
            for creator in self.creators
            for video in creator.videos
        ]

    def answers(self) -> list[dict[str, Any]]:
        """What the token endpoint has answered last, for each creator."""
        return [dict(creator.token_answer) for creator in self.creators]

    def login_of(self, open_id: str) -> dict[str, Any]:
        """The answer of a new login."""
        (creator,) = (one for one in self.creators if one.open_id == open_id)
        return dict(self.login(creator))

    def pairs(self) -> dict[str, Pair]:
        """The latest tokens, by open_id."""
        return {one.open_id: (one.access_token, one.refresh_token) for one in self.creators}

    # What happens in it.

    def post(self, burst: int) -> None:
        """A third of the creators post up to three videos, one of them ``burst`` more. Each has a
        second of its own, for ids come from seconds; those of one creator are a minute apart.
        """
        posting = self._chance.sample(self.creators, -(-len(self.creators) // 3))
        for _ in range(3):
            self.advance(minutes=1)
            for creator in posting:
                self.advance(seconds=1)
                if self._chance.random() < 0.6:
                    self.add_video(creator)
        for _ in range(burst):
            self.advance(minutes=1)
            self.add_video(posting[0])

    def grow(self) -> None:
        """Some of each creator's newest videos are seen by more people."""
        for creator in self.creators:
            for video in creator.videos[:10:3]:
                grown = evolve(video, view_count=video.view_count + 1_000, like_count=10)
                self.delete_video(creator, video.id)
                self.add_video(creator, grown)

    def misbehave(self, lists: int) -> None:
        """From now on two lists of a hundred go wrong; about so many are expected."""
        self.behave()
        # Not by chance: who has a token refused that was had just now is taken for logged out. It
        # costs a refresh and a list.
        for place in range(60, lists, 333):
            refusal = self.fault(path=LIST, nth=place, code="access_token_invalid")
            self._rules.append((refusal, 2))
        self._rules += [(self.fault(**options), repeats) for options, repeats in MIX]

    def behave(self) -> None:
        """From now on everything goes right."""
        self.clear_faults()
        self._rules = []

    def expire(self) -> None:
        """Every access token ends."""
        self.advance(hours=3)

    # What arrives.

    def handle(self, request: Request) -> Response:
        answer = super().handle(request)
        is_first = request.path == LIST and b'"cursor"' not in request.body
        with self._counting:
            self._arrived[request.path] += 1
            self._walks += is_first and answer.status == 200 and not answer.drop
            number = self._arrived.total()
        if number == self._expiry:
            self.expire()
        if number == self._moment:
            self._has_come.set()
        return answer

    def count_anew(self, expiry: int = 0, moment: int = 0) -> None:
        """From zero; ``expiry``: with which request all access tokens end, ``moment``: the one that
        `has_come` waits for.
        """
        self.clear_requests()
        for rule, _ in self._rules:
            rule.applied = 0
        with self._counting:
            self._forget(expiry, moment)

    def has_come(self, seconds: float) -> bool:
        """Whether the moment comes within so many seconds."""
        return self._has_come.wait(seconds)

    def counted(self) -> Counted:
        """What has arrived since."""
        return Counted(
            requests=self._arrived.total(),
            lists=self._arrived[LIST],
            tokens=self._arrived[TOKEN_PATH],
            walks=self._walks,
            refreshes=self.refreshes,
            faults=sum(rule.applied for rule, _ in self._rules),
            repeats=sum(rule.applied * repeats for rule, repeats in self._rules),
        )

    def _forget(self, expiry: int = 0, moment: int = 0) -> None:
        self._arrived, self._walks = Counter[str](), 0
        self._expiry, self._moment, self._has_come = expiry, moment, threading.Event()
