"""The creators of a sandbox."""

import random
from collections.abc import Mapping
from typing import Any

import attrs

from .histories import History


@attrs.define(eq=False)
class SandboxCreator:
    """A creator who has logged in once. Tokens are kept out of its ``repr``."""

    open_id: str
    handle: str
    videos: History = attrs.field(repr=lambda videos: f"<{len(videos)}>")
    """The truth, newest first."""
    token_answer: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False)
    """What the token endpoint answered last for this creator: at the login, or at the latest
    refresh or login since."""

    @property
    def access_token(self) -> str:
        """The latest access token."""
        return str(self.token_answer["access_token"])

    @property
    def refresh_token(self) -> str:
        """The latest refresh token."""
        return str(self.token_answer["refresh_token"])

    @property
    def scope(self) -> str:
        """The scopes granted at the latest login, comma-separated."""
        return str(self.token_answer["scope"])


def sizes(creators: int, videos: int, rng: random.Random) -> list[int]:
    """How many videos each has: the first ``videos``, the last of several none, the others a few
    pages at most.
    """
    if min(creators, videos) < 0:
        raise ValueError("the numbers of creators and videos must be at least 0")
    middle = [rng.randrange(1, 90) for _ in range(creators - 2)]
    return [videos, *middle, 0][:creators] if creators > 1 else [videos] * creators


def new_open_id(rng: random.Random) -> str:
    """An opaque id in the usual form."""
    text = f"{rng.getrandbits(128):032x}"
    return f"sandbox-{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:]}"
