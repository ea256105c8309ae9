"""What a sync goes by, wherever it runs."""

from attrs import field, frozen

from ..errors import ConfigurationError


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
        base_url: as `DisplayClient` takes it.
        workers: how many read the history of one creator at once, 1 to 64.
        pages: after so many pages of one creator, what is had is written.
    """

    database: str = field(repr=False)
    tokens: str = field(repr=False)
    quota: str | None = field(default=None, repr=False)
    base_url: str | None = None
    workers: int = 1
    pages: int = 50

    def __attrs_post_init__(self) -> None:
        if not (isinstance(self.pages, int) and self.pages >= 1):
            raise ConfigurationError("what is had is written after 1 page or more")
