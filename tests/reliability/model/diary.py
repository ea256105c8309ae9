"""What has happened in a play, as plain facts: who asked, what was stored, who was told what."""

from collections.abc import Mapping

from attrs import Factory, define, field, frozen

from tests.reliability.model.stage import Actor
from tiktok_display import TikTokError, TokenRecord
from tiktok_display.auth import TokenEvent

LEASE = REST = 30.0  # s
SECONDS = 20.0  # for all requests of one attempt


@define(eq=False)
class Question:
    """One token request."""

    token: str
    at: float  # s on the stage's clock
    wall: float  # Unix seconds, as the one who asked has them
    end: str = ""  # unsent, unclear, malformed, answered, or the code that was said
    ended_at: float = 0.0
    is_sent: bool = False


@define(eq=False)
class Attempt:
    """One lease, and what was done under it."""

    open_id: str
    before: TokenRecord
    begun_at: float
    is_due: bool  # whether there was a reason
    is_refused: bool
    offset: float  # s by which the clock of the one who asked is wrong
    has_unsaved: bool = False  # whether a newer pair was at hand
    questions: list[Question] = Factory(list)
    end: str = ""  # stored, final, noted, outrun
    ended_at: float = 0.0
    store_failed: bool = False

    @property
    def pair(self) -> tuple[str, str]:
        """What was to be replaced."""
        return self.before.access_token, self.before.refresh_token


@frozen
class Answer:
    """A whole answer that arrived, and what it is an answer to."""

    body: Mapping[str, object]
    before: TokenRecord | None  # None for a login
    sent_at: float

    def is_origin_of(self, record: TokenRecord) -> bool:
        """Whether a record says what this answer said, and counts from when it was asked for."""
        kept = "" if self.before is None else self.before.refresh_token
        lifetime = self.body["expires_in"]
        assert isinstance(lifetime, int)
        return (
            record.access_token == self.body["access_token"]
            and record.refresh_token == (self.body.get("refresh_token") or kept)
            and record.lifetime == lifetime
            and record.expires_at == self.sent_at + lifetime
            and (record.needs_login, record.retry_at) == (None, None)
        )


@frozen
class Stored:
    """One change of the store, or one that it refused."""

    act: str
    open_id: str
    before: TokenRecord | None
    after: TokenRecord | None
    replaces: TokenRecord | None = None
    wanted: TokenRecord | None = None
    attempt: Attempt | None = None
    is_doubtful: bool = False  # whether the pair's fate was open as it was given up
    is_ended: bool = False  # whether TikTok had ended its login
    is_rotated: bool = False  # whether TikTok had replaced it


@frozen
class Signed:
    """A call that went out."""

    access: str
    was_stored: bool
    was_told: bool


@define(eq=False)
class Call:
    """What a caller went through."""

    replica: int
    open_id: str
    begun_at: float
    actor: Actor | None = None
    is_over: bool = False
    ended_at: float = 0.0
    wall: float = 0.0
    error: TikTokError | None = None
    was_hurried: bool = False  # whether its own deadline has passed
    was_scoped: bool = False  # whether it was told that a scope is missing
    is_excused: bool = False  # an access token died, or a clock jumped, while it went on


@define
class Diary:
    """All of it."""

    attempts: list[Attempt] = field(factory=list)
    answers: list[Answer] = field(factory=list)
    stored: list[Stored] = field(factory=list)
    signed: list[Signed] = field(factory=list)
    calls: list[Call] = field(factory=list)
    told: list[tuple[int, TokenEvent]] = field(factory=list)
    unleased: list[str] = field(factory=list)  # refresh tokens that were used without a lease
    removed: set[str] = field(factory=set)  # creators whose removal was told

    def put(self, open_id: str, before: TokenRecord | None, after: TokenRecord | None) -> None:
        """A login was stored."""
        self.stored.append(Stored("put", open_id, before, after))

    def was_stored(self, open_id: str, access: str) -> bool:
        """Whether the store ever had this access token."""
        return any(
            fact.open_id == open_id and fact.after and fact.after.access_token == access
            for fact in self.stored
        )

    def was_told(self, replica: int, access: str) -> bool:
        """Whether a replica's operator has the pair with this access token."""
        return any(
            number == replica and event.record is not None and event.record.access_token == access
            for number, event in self.told
        )

    def is_doubtful(self, open_id: str, token: str, current: Attempt | None) -> bool:
        """Whether somebody may have spent a refresh token unheard; or its predecessor once more,
        for it was stored when another could already have asked.
        """
        was_late = any(
            fact.attempt is not None
            and fact.attempt.ended_at > fact.attempt.begun_at + LEASE
            and fact.wanted is not None
            and fact.wanted.refresh_token == token
            for fact in self.stored
            if fact.open_id == open_id and fact.attempt is not current
        )
        return was_late or any(
            attempt.before.refresh_token == token
            and (
                any(question.end in ("unclear", "malformed") for question in attempt.questions)
                or attempt.store_failed
                or (attempt is not current and attempt.end in ("", "outrun"))
            )
            for attempt in self.attempts
            if attempt.open_id == open_id
        )
