"""What a token store keeps, and what it must be able to do."""

from typing import NamedTuple, Protocol, Self

from attrs import field, frozen


class Key(NamedTuple):
    """Whose tokens: one record for each creator and app."""

    client_key: str
    open_id: str


@frozen(kw_only=True)
class TokenRecord:
    """One creator's pair of tokens, always from one answer; neither shows in a repr.

    Attributes:
        access_token: signs requests; lives two hours.
        refresh_token: buys the next pair, once: TikTok kills it as it answers.
        expires_at: Unix seconds, UTC; the moment the request was sent plus ``expires_in``.
        lifetime: s; what ``expires_in`` said.
        refresh_expires_at: Unix seconds, UTC; the creator must log in again by then, however often
            the tokens were refreshed. None where TikTok did not say.
        scope: what the creator granted.
        needs_login: why only a new login helps (see `ReauthorizationRequired`); None while the pair
            is thought to work.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: float
    lifetime: float
    refresh_expires_at: float | None = None
    scope: tuple[str, ...] = ()
    needs_login: str | None = None

    @property
    def authorization(self) -> str:
        """The value of the ``Authorization`` header."""
        return f"Bearer {self.access_token}"


class TokenStore(Protocol):
    """Keeps one `TokenRecord` for each `Key`. Safe to share between threads.

    Its methods may block: a refresh calls them from a thread of its own, never from an event loop;
    only ``UserCredentials.from_token_answer`` calls `put` where it is called itself.
    A store that cannot read or write raises `TokenStoreError`.
    """

    def read(self, key: Key) -> TokenRecord | None:
        """The record as it is stored, whole; None where there is none."""
        ...

    def put(self, key: Key, record: TokenRecord) -> None:
        """Store what a login gave, whatever was there."""
        ...

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        """Store what a refresh gave, in one atomic step, if and only if the stored refresh token
        is still that of ``replaces``, which bought it. A late actor can then neither blank nor
        downgrade a newer pair, and the living one is never thrown away.
        """
        ...

    def delete(self, key: Key) -> None:
        """Forget the record; nothing happens where there is none."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...
