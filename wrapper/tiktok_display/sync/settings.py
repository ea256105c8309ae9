"""What a sync goes by, wherever it runs."""

import os

from attrs import field, frozen
from attrs.converters import optional

from ..addresses import address
from ..errors import ConfigurationError


def _anchored(url: str) -> str:
    """A file under its whole name: workers may have been started in another folder."""
    if not isinstance(url, str) or not url:
        raise ConfigurationError("a sync's places are given as a path or a URL")
    path = address(url).path
    return url.removesuffix(path) + os.path.abspath(path) if path else url  # noqa: PTH100


@frozen(kw_only=True)
class SyncSettings:
    """Small and picklable, without a token or the app's secret: each process that works for a sync
    has the app's credentials in its own environment, as ``TIKTOK_DISPLAY_CLIENT_KEY`` and
    ``TIKTOK_DISPLAY_CLIENT_SECRET``.

    Attributes:
        database: where the rows go: ``sqlite:///path``, a path, or ``postgresql://…``.
        tokens: where the logins are: the path of a `SqliteTokenStore`, ``postgresql://…`` or
            ``redis://…``.
        quota: where requests are counted for everybody, as `RateLimit` takes it; None for this
            process alone.
        rate: how many requests a minute TikTok admits to each endpoint, at least 1: 600, unless it
            has given the app more.
        base_url: as `DisplayClient` takes it.
        workers: how many read the history of one creator at once, 1 to 64.
        pages: after so many pages of one creator, what is had is written.
    """

    database: str = field(repr=False, converter=_anchored)
    tokens: str = field(repr=False, converter=_anchored)
    quota: str | None = field(default=None, repr=False, converter=optional(_anchored))
    rate: int = 600
    base_url: str | None = None
    workers: int = 1
    pages: int = 50

    def __attrs_post_init__(self) -> None:
        if not (isinstance(self.pages, int) and self.pages >= 1):
            raise ConfigurationError("what is had is written after 1 page or more")
        if not (isinstance(self.rate, int) and self.rate >= 1):
            raise ConfigurationError("TikTok admits at least 1 request a minute")
