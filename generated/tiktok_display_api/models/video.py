from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Video")


@_attrs_define
class Video:
    """A public video or photo post. It carries the requested fields only. A `null` was never seen and never excluded, and
    TikTok adds fields: tolerate the first, ignore or keep the second.

    """

    id: str | Unset = UNSET
    """ The video's id: digits, larger than 2^53, so never a number in JavaScript. """
    create_time: int | Unset = UNSET
    """ When it was posted: UTC, **seconds** since 1970-01-01T00:00:00Z. """
    cover_image_url: str | Unset = UNSET
    """ A signed link to the cover image. It expires: after 6 hours by the documentation, at the Unix time (in
    seconds) in its parameter `x-expires` by observation (about a day, 15 days for photo posts). Do not store it;
    look the video up again. """
    share_url: str | Unset = UNSET
    """ A link to the post for sharing. It names the application in `utm_source`; a photo post too may appear under
    `/video/<id>`. """
    video_description: str | Unset = UNSET
    """ The text the creator wrote. At most 150 characters by the documentation; 1135 were observed. """
    duration: int | Unset = UNSET
    """ The length in seconds; 0 for a photo post. """
    height: int | Unset = UNSET
    """ The height in pixels; it may be the cover's. """
    width: int | Unset = UNSET
    """ The width in pixels; it may be the cover's. """
    title: str | Unset = UNSET
    """ The title. At most 150 characters by the documentation; do not rely on it. """
    embed_html: str | Unset = UNSET
    """ HTML that embeds the video in a page. It carries a script element: treat it as untrusted. """
    embed_link: str | Unset = UNSET
    """ A link to a page that plays the video. """
    like_count: int | Unset = UNSET
    """ The number of likes. """
    comment_count: int | Unset = UNSET
    """ The number of comments. """
    share_count: int | Unset = UNSET
    """ The number of times it was shared. """
    view_count: int | Unset = UNSET
    """ The number of views. """
    is_aigc: bool | Unset = UNSET
    """ Whether it is labelled as made with artificial intelligence. Documented since August 2026. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        create_time = self.create_time

        cover_image_url = self.cover_image_url

        share_url = self.share_url

        video_description = self.video_description

        duration = self.duration

        height = self.height

        width = self.width

        title = self.title

        embed_html = self.embed_html

        embed_link = self.embed_link

        like_count = self.like_count

        comment_count = self.comment_count

        share_count = self.share_count

        view_count = self.view_count

        is_aigc = self.is_aigc

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if id is not UNSET:
            field_dict["id"] = id
        if create_time is not UNSET:
            field_dict["create_time"] = create_time
        if cover_image_url is not UNSET:
            field_dict["cover_image_url"] = cover_image_url
        if share_url is not UNSET:
            field_dict["share_url"] = share_url
        if video_description is not UNSET:
            field_dict["video_description"] = video_description
        if duration is not UNSET:
            field_dict["duration"] = duration
        if height is not UNSET:
            field_dict["height"] = height
        if width is not UNSET:
            field_dict["width"] = width
        if title is not UNSET:
            field_dict["title"] = title
        if embed_html is not UNSET:
            field_dict["embed_html"] = embed_html
        if embed_link is not UNSET:
            field_dict["embed_link"] = embed_link
        if like_count is not UNSET:
            field_dict["like_count"] = like_count
        if comment_count is not UNSET:
            field_dict["comment_count"] = comment_count
        if share_count is not UNSET:
            field_dict["share_count"] = share_count
        if view_count is not UNSET:
            field_dict["view_count"] = view_count
        if is_aigc is not UNSET:
            field_dict["is_aigc"] = is_aigc

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id", UNSET)

        create_time = d.pop("create_time", UNSET)

        cover_image_url = d.pop("cover_image_url", UNSET)

        share_url = d.pop("share_url", UNSET)

        video_description = d.pop("video_description", UNSET)

        duration = d.pop("duration", UNSET)

        height = d.pop("height", UNSET)

        width = d.pop("width", UNSET)

        title = d.pop("title", UNSET)

        embed_html = d.pop("embed_html", UNSET)

        embed_link = d.pop("embed_link", UNSET)

        like_count = d.pop("like_count", UNSET)

        comment_count = d.pop("comment_count", UNSET)

        share_count = d.pop("share_count", UNSET)

        view_count = d.pop("view_count", UNSET)

        is_aigc = d.pop("is_aigc", UNSET)

        video = cls(
            id=id,
            create_time=create_time,
            cover_image_url=cover_image_url,
            share_url=share_url,
            video_description=video_description,
            duration=duration,
            height=height,
            width=width,
            title=title,
            embed_html=embed_html,
            embed_link=embed_link,
            like_count=like_count,
            comment_count=comment_count,
            share_count=share_count,
            view_count=view_count,
            is_aigc=is_aigc,
        )

        video.additional_properties = d
        return video

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
