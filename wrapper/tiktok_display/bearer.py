"""A bare access token: what most begin with. Nothing here needs the other rooms."""

from typing import Self, TypeGuard

from .secret import Secret


class BearerToken(Secret):
    """A bare access token: it signs until TikTok refuses it."""

    __slots__ = ("authorization",)

    renews = False

    def __init__(self, access_token: str) -> None:
        self.authorization = f"Bearer {access_token}"

    def has_bought(self, token: object) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def token(self, refused: object, timeout: float | None) -> Self:  # noqa: ARG002
        """Itself: there is no other."""
        return self

    async def token_async(self, refused: object, timeout: float | None) -> Self:  # noqa: ARG002
        """Itself."""
        return self


def is_token(value: object) -> TypeGuard[str]:
    """Whether ``value`` can stand in a header: visible ASCII. Tokens are opaque beyond that."""
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isprintable()
        and value.split() == [value]
    )
