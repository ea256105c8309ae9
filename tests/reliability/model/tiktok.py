"""A model of TikTok's token endpoint: small enough to be believed without tests of its own."""

from collections.abc import Callable, Mapping
from itertools import count

from attrs import define, field, frozen


@frozen(kw_only=True)
class Rules:
    """How its tokens live and die."""

    life: int = 7_200  # s, of an access token
    consent: int = 864_000  # s, of a login
    grace: float = 0.0  # s for which a replaced refresh token is answered with its successor
    kills_access: bool = False  # whether a refresh ends the access tokens before it


@define(eq=False)
class Grant:
    """One login of a creator, and what descends from it."""

    open_id: str
    number: int
    deadline: float
    is_alive: bool = True
    access: dict[str, float] = field(factory=dict[str, float])  # and until when each is good


@define(eq=False)
class Issue:
    """One answer: a pair, or an access token beside a refresh token that stays."""

    number: int  # rises
    grant: Grant
    access: str
    refresh: str
    replaced_at: float | None = None
    successor: "Issue | None" = None


class TikTok:
    """Issues tokens, rotates them, forgets nothing. ``clock`` is the true time, in Unix seconds."""

    def __init__(self, rules: Rules, clock: Callable[[], float]) -> None:
        self.rules, self._clock, self._numbers = rules, clock, count(1)
        self.by_access: dict[str, Issue] = {}
        self.by_refresh: dict[str, Issue] = {}
        self.kept: set[str] = set()  # refresh tokens that an answer has left as they were

    def login(self, open_id: str) -> dict[str, object]:
        """A further login; those before it stay good."""
        deadline = self._clock() + self.rules.consent
        return self._answer(self._issue(Grant(open_id, next(self._numbers), deadline)))

    def refresh(self, token: str, *, rotate: bool = True) -> dict[str, object]:
        """The answer to a refresh; without ``rotate`` it brings no new refresh token."""
        issue, now = self.by_refresh.get(token), self._clock()
        if issue is None or not issue.grant.is_alive or now >= issue.grant.deadline:
            return failure("invalid_grant")
        if issue.replaced_at is not None:
            in_grace = now < issue.replaced_at + self.rules.grace
            if not in_grace or issue.successor is None or issue.successor.replaced_at is not None:
                return failure("invalid_grant")
            return self._answer(issue.successor)
        if self.rules.kills_access:
            issue.grant.access.clear()
        issue.successor = self._issue(issue.grant, None if rotate else token)
        if not rotate:
            self.kept.add(token)
            return {k: v for k, v in self._answer(issue.successor).items() if k != "refresh_token"}
        issue.replaced_at = now
        return self._answer(issue.successor)

    def serves(self, access: str) -> bool:
        """Whether an access token is good."""
        issue = self.by_access[access]
        return issue.grant.is_alive and self._clock() < issue.grant.access.get(access, 0.0)

    def is_rotated(self, refresh: str) -> bool:
        """Whether a refresh token was replaced."""
        return self.by_refresh[refresh].replaced_at is not None

    def age(self, refresh: str) -> tuple[int, int]:
        """Which login a refresh token is of, and how far from it; rises."""
        return self.by_refresh[refresh].grant.number, int(refresh.removeprefix("rft."))

    def is_ended(self, refresh: str) -> bool:
        """Whether its login is over."""
        grant = self.by_refresh[refresh].grant
        return not grant.is_alive or self._clock() >= grant.deadline

    def revoke(self, open_id: str) -> None:
        """The creator removes the app."""
        for issue in self.by_access.values():
            if issue.grant.open_id == open_id:
                issue.grant.is_alive = False

    def refuse_access(self, open_id: str) -> None:
        """All access tokens of a creator die, for no reason given."""
        for issue in self.by_access.values():
            if issue.grant.open_id == open_id:
                issue.grant.access.clear()

    def _issue(self, grant: Grant, refresh: str | None = None) -> Issue:
        number = next(self._numbers)
        made = Issue(number, grant, f"act.{number}", refresh or f"rft.{number}")
        grant.access[made.access] = self._clock() + self.rules.life
        self.by_access[made.access] = made
        self.by_refresh[made.refresh] = made
        return made

    def _answer(self, issue: Issue) -> dict[str, object]:
        now = self._clock()
        left = max(1, int(issue.grant.deadline - now))
        return {
            "access_token": issue.access,
            "expires_in": max(1, int(issue.grant.access.get(issue.access, now) - now)),
            "open_id": issue.grant.open_id,
            "refresh_token": issue.refresh,
            "refresh_expires_in": left,
            "scope": "video.list",
            "token_type": "Bearer",
        }


def failure(code: str) -> dict[str, object]:
    """As the token endpoint says it, with HTTP 200."""
    return {"error": code, "error_description": "why", "log_id": "L1"}


def is_failure(answer: Mapping[str, object]) -> bool:
    """Whether an answer is one."""
    return "error" in answer
