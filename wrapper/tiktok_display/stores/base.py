"""What a token store keeps, and what it must be able to do."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol, Self

from attrs import field, frozen

from ..secret import Secret


class Key(NamedTuple):
    """Whose tokens: one record for each creator and app."""

    client_key: str
    open_id: str


@frozen(kw_only=True)
class TokenRecord(Secret):
    """One creator's pair of tokens, always from one answer; neither shows in a repr or a pickle.

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
        intent: the next pair was asked for, and how that ended was not heard yet. A refusal after
            that means that the next pair is lost, not that the creator took the login back.
        retry_at: Unix seconds; nobody asks again before, for the token endpoint was down.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: float
    lifetime: float
    refresh_expires_at: float | None = None
    scope: tuple[str, ...] = ()
    needs_login: str | None = None
    intent: bool = False
    retry_at: float | None = None

    @property
    def authorization(self) -> str:
        """The value of the ``Authorization`` header."""
        return f"Bearer {self.access_token}"


class TokenStore(Protocol):
    """Keeps one `TokenRecord` for each `Key`, and the lease of whoever refreshes it.

    Every method is one atomic step, also between processes, and safe to call from any thread. It
    may block: refreshes call it from threads of their own, never from an event loop. A store that
    cannot read or write raises `TokenStoreError`, within seconds. After `close` it still works,
    more slowly: a refresh under way must be able to store what it has bought.

    `tests/stores/test_contract.py` holds every store of this package to it, and can hold yours.
    """

    def read(self, key: Key) -> TokenRecord | None:
        """The record as it is stored, whole; None where there is none."""
        ...

    def put(self, key: Key, record: TokenRecord) -> None:
        """Store what a login gave, whatever was there; ends any lease."""
        ...

    def begin(
        self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
    ) -> TokenRecord | None:
        """Take the lease and note the intent, in one step, before the next pair is asked for.

        Args:
            key: whose.
            replaces: what was read; its refresh token is about to be used.
            owner: a name for this one attempt, that nobody else uses.
            lease: s for which nobody else may begin; less, where the owner is known to be dead.

        Returns:
            The record as it was before this step; None where another's lease still holds, or the
            stored refresh token is no longer that of ``replaces``.
        """
        ...

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        """Store what a refresh gave, if and only if the stored refresh token is still that of
        ``replaces``, which bought it; then end any lease. Whether the lease is over does not
        matter: a late actor can neither blank nor downgrade a newer pair, and the living pair is
        never thrown away.
        """
        ...

    def fail(self, key: Key, owner: str, *, intent: bool, retry_at: float | None = None) -> None:
        """End the lease of an attempt that brought no pair, with what the record is to say of
        ``intent`` and ``retry_at`` now; nothing happens where the lease is no longer ``owner``'s.
        """
        ...

    def delete(self, key: Key) -> None:
        """Forget the record and its lease; nothing happens where there is none."""
        ...

    def keys(self) -> Iterator[Key]:
        """Whose records there are, in no particular order."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...
