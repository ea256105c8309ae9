"""One video as the API shows it, and how the sandbox makes one up from its id."""

import re
from hashlib import blake2b
from typing import Any, Self
from urllib.parse import quote

import attrs

VIDEO_LIFE = 86_400
PHOTO_LIFE = 15 * 86_400
"""How long a signed cover lives (s): recorded, though the documentation says 6 hours."""

_SENTENCES = (
    "Getting ready for the weekend ✨",
    "You asked for the recipe, here it is",
    "Ein ganz normaler Tag im Büro",
    "Рекомендації для тебе 🇺🇦",
    "今日のお弁当 🍱",
    "اليوم في السوق",
    "Três dicas que ninguém te conta",
    "오늘의 운동 루틴 💪",
    "POV: the build is green on the first try",
    "Part 2, because so many of you wrote 🤎🧬",
    "Nothing here is real: this is a sandbox",
)
_TAGS = ("fyp", "foryou", "роблокс", "料理", "diy", "smallbusiness", "été", "재미", "photodump")
_SIZES = ((576, 1024), (720, 1280), (1080, 1920), (1024, 576), (300, 400))
_EXPIRY = re.compile(r"x-expires=(\d+)&x-signature=[^&]*")


def _check_id(_: object, __: object, value: str) -> None:
    if not (value.isascii() and value.isdigit() and int(value) < 1 << 64):
        raise ValueError("a video id is decimal digits, below 2^64")


@attrs.frozen
class SandboxVideo:
    """A video or photo post: every field of the API under its own name.

    ``id`` is decimal digits, ``create_time`` seconds since 1970 (UTC), ``duration`` seconds
    (0 for a photo post), sizes pixels. ``ValueError`` for any other id.
    """

    id: str = attrs.field(validator=_check_id)
    create_time: int
    cover_image_url: str = ""
    share_url: str = ""
    video_description: str = ""
    duration: int = 15
    height: int = 1024
    width: int = 576
    title: str = ""
    embed_html: str = ""
    embed_link: str = ""
    like_count: int = 0
    comment_count: int = 0
    share_count: int = 0
    view_count: int = 0
    is_aigc: bool = False

    @classmethod
    def at(cls, create_time: int) -> Self:
        """A bare video posted at that second."""
        return cls(id=str(create_time << 32), create_time=create_time)

    def shown(self, fields: list[str], now: float) -> dict[str, Any]:
        """The requested fields as JSON values at the moment ``now`` (s, UTC)."""
        shown = {name: getattr(self, name) for name in fields}
        if "cover_image_url" in shown:
            life = VIDEO_LIFE if self.duration else PHOTO_LIFE
            shown["cover_image_url"] = signed_afresh(self.cover_image_url, life, now)
        return shown


FIELDS = tuple(attribute.name for attribute in attrs.fields(SandboxVideo))
"""Every field the API knows."""


def signed_afresh(url: str, life: int, now: float) -> str:
    """The cover's link, renewed in steps of half its life: what is listed now is good for a while,
    what was stored yesterday is not.
    """
    found = _EXPIRY.search(url)
    if found is None:
        return url
    step = life // 2
    late = int(now) + step - int(found[1])
    if late <= 0:
        return url
    expires = int(found[1]) + -(-late // step) * step
    return url[: found.start()] + _signature(expires) + url[found.end() :]


def _signature(expires: int) -> str:
    digest = blake2b(str(expires).encode(), digest_size=16).hexdigest()
    return f"x-expires={expires}&x-signature={digest}%3D"


class _Draw:
    """A few random choices that depend on one video's id only. ``random.Random`` would do the same
    and take ten times as long, on every video of every page.
    """

    def __init__(self, seed: int, video_id: int) -> None:
        text = f"{seed}:{video_id}".encode()
        self._pool = int.from_bytes(blake2b(text, digest_size=64).digest())

    def below(self, limit: int) -> int:
        self._pool, drawn = divmod(self._pool, limit)
        return drawn

    def one_in(self, chances: int) -> bool:
        return self.below(chances) == 0


def compose(seed: int, video_id: int, *, handle: str, client_key: str, now: int) -> SandboxVideo:
    """The video with this id: the same seed and id always give the same video.

    ``now`` (s, UTC) is when its cover was signed.
    """
    draw = _Draw(seed, video_id)
    photo, long = draw.one_in(8), draw.one_in(12)
    tags = [_TAGS[(draw.below(len(_TAGS)))] for _ in range(1 + draw.below(5))]
    sentences = [_SENTENCES[draw.below(len(_SENTENCES))] for _ in range(2 if not long else 8)]
    # TikTok says at most 150 characters; more than a thousand were recorded.
    text = " ".join(sentences * (8 if long else 1) + [f"#{tag}" for tag in (*tags, "sandbox")])
    width, height = _SIZES[draw.below(len(_SIZES))]
    views = draw.below(10 ** (1 + draw.below(7)))
    likes = draw.below(views + 1)
    utm = f"utm_campaign=tt4d_open_api&utm_source={client_key}"
    page = f"https://www.tiktok.com/@{handle}/video/{video_id}?{utm}"
    return SandboxVideo(
        id=str(video_id),
        create_time=video_id >> 32,
        cover_image_url=_cover(draw.below(1 << 128), photo, now),
        # Photo posts come under /video/ too.
        share_url=page,
        video_description=text,
        duration=0 if photo else 3 + draw.below(177),
        height=height,
        width=width,
        title=text,
        embed_html=_embed_html(handle, video_id, page, tags),
        embed_link=f"https://www.tiktok.com/player/v1/{video_id}?music_info=1&description=1"
        f"&autoplay=1&loop=1&{utm}",
        like_count=likes,
        comment_count=draw.below(likes + 1),
        share_count=draw.below(likes + 1),
        view_count=views,
        is_aigc=draw.one_in(10),
    )


def _cover(name: int, photo: bool, now: int) -> str:
    kind, life = ("photomode", PHOTO_LIFE) if photo else ("tiktokx", VIDEO_LIFE)
    return (
        f"https://p16-sandbox-sign.tiktokcdn.com/tos-maliva-p-0068/{name:032x}~tplv-{kind}"
        f"-cropcenter-q:300:400:q70.webp?dr=14782&{_signature(now + life)}"
        "&idc=my2&biz_tag=tt_video&s=TIKTOK_FOR_DEVELOPER&sc=cover"
    )


def _embed_html(handle: str, video_id: int, page: str, tags: list[str]) -> str:
    links = " ".join(
        f'<a title="{tag}" target="_blank" href="https://www.tiktok.com/tag/{quote(tag)}">#{tag}</a>'
        for tag in tags
    )
    return (
        f'<blockquote class="tiktok-embed" cite="{page}" data-video-id="{video_id}" '
        'style="max-width: 605px;min-width: 325px;" > <section> '
        f'<a target="_blank" title="@{handle}" href="https://www.tiktok.com/@{handle}">@{handle}</a>'
        f" <p>{links}</p> </section> </blockquote> "
        '<script async src="https://www.tiktok.com/embed.js"></script>'
    )
