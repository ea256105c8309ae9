"""A database to look at, for those who have none yet: two weeks of an invented TikTok."""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from tempfile import TemporaryDirectory

from attrs import evolve

from .. import AppCredentials, UserCredentials
from ..sandbox import Sandbox, SandboxCreator, SandboxVideo
from ..sync import SyncSettings
from ..sync.creator import synced
from ..sync.workshop import Workshop

_DAYS = 14
_WATCHED = 20  # videos of a creator, the newest: those that each list shows


@contextmanager
def sample(now: datetime) -> Iterator[str]:
    """Its path, for a while. The last of its days is that of ``now`` (UTC)."""
    # At the beginning of a day: what was posted before is no growth.
    begin = (now - timedelta(days=_DAYS - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    with TemporaryDirectory() as folder, Sandbox(now=begin) as box:
        app = AppCredentials(box.app.client_key, box.app.client_secret)
        settings = SyncSettings(
            database=f"{folder}/videos.db", tokens=f"{folder}/tokens.db", base_url=box.base_url
        )
        with closing(Workshop(settings, app)) as shop:
            for creator in box.creators:
                UserCredentials.from_token_answer(app, shop.tokens, creator.token_answer)
            _weeks(box, shop)
        yield settings.database


def _weeks(box: Sandbox, shop: Workshop) -> None:
    """Every day there is something new of each creator."""
    chance = random.Random(7)  # noqa: S311 - to be repeated, not to be secret
    for _ in range(_DAYS):
        for creator in box.creators:
            synced(shop, creator.open_id, clock=partial(_seconds, box))
            _live(box, creator, chance)
        box.advance(days=1)


def _seconds(box: Sandbox) -> float:
    return box.now.timestamp()


def _live(box: Sandbox, creator: SandboxCreator, chance: random.Random) -> None:
    """A day goes by: some videos are posted, and the newest ones are watched. A sandbox counts
    nothing by itself, so the same videos come again with other counts.
    """
    for _ in range(chance.randrange(3)):
        new = box.add_video(creator)
        unseen = evolve(new, view_count=0, like_count=0, comment_count=0, share_count=0)
        _replace(box, creator, unseen)
    for video in creator.videos[:_WATCHED]:
        views = chance.randrange(2_000 + video.view_count // 60)
        _replace(box, creator, _watched(video, views))


def _watched(video: SandboxVideo, views: int) -> SandboxVideo:
    return evolve(
        video,
        view_count=video.view_count + views,
        like_count=video.like_count + views // 9,
        comment_count=video.comment_count + views // 120,
        share_count=video.share_count + views // 200,
    )


def _replace(box: Sandbox, creator: SandboxCreator, video: SandboxVideo) -> None:
    box.delete_video(creator, video.id)
    box.add_video(creator, video)
