"""What signs a client's requests for a creator: a token that is renewed in time."""

import asyncio
from contextlib import suppress

from attrs import field, frozen

from ..errors import DeadlineExceeded, ReauthorizationRequired
from ..secret import Secret
from ..stores import TokenRecord
from .asking import Post
from .credentials import UserCredentials
from .flights import Outcome
from .refresh import is_same

_LATE: Outcome = DeadlineExceeded("the deadline passed during a token refresh, which goes on")


@frozen
class UserSigner(Secret):
    """Signs one client's requests for one creator; the client lends ``post`` to the refresh.

    ``scope`` is what the requests need; where the creator is known not to have granted it, nothing
    is sent.
    """

    credentials: UserCredentials
    post: Post = field(repr=False)
    scope: str | None = None

    renews = True

    def has_bought(self, token: object) -> bool:
        """Whether a refresh of these credentials has brought it."""
        return is_same(self.credentials._bought, token)

    def token(self, refused: object, timeout: float | None) -> TokenRecord:
        """The token at hand, or after a refresh the next one, awaited for ``timeout`` s."""
        if record := self._at_hand(refused):
            return record
        outcome = _LATE
        with suppress(TimeoutError):
            outcome = self.credentials._renew(refused, self.post).result(timeout)
        return self._granted(self.credentials._settle(outcome, refused))

    async def token_async(self, refused: object, timeout: float | None) -> TokenRecord:
        """The same for an event loop."""
        if record := self._at_hand(refused):
            return record
        outcome = _LATE
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                outcome = await asyncio.wrap_future(self.credentials._renew(refused, self.post))
        return self._granted(self.credentials._settle(outcome, refused))

    def _at_hand(self, refused: object) -> TokenRecord | None:
        record = self.credentials._at_hand(refused)
        if record is None or not self._is_granted(record):  # perhaps it is in the store by now
            return None
        self.credentials._refresh_in_background(record, self.post)
        return record

    def _granted(self, record: TokenRecord) -> TokenRecord:
        if not self._is_granted(record):
            raise ReauthorizationRequired(self.credentials.open_id, "scope")
        return record

    def _is_granted(self, record: TokenRecord) -> bool:
        """Whether the scope is granted, or TikTok did not say what is."""
        return self.scope is None or not record.scope or self.scope in record.scope
