from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.video import Video


T = TypeVar("T", bound="VideoPage")


@_attrs_define
class VideoPage:
    """One page of videos. In the answer of `queryVideos` only `videos` has a meaning."""

    videos: list[Video]
    """ The videos: newest first when listed, in an undocumented order when looked up. May be short or empty while
    `has_more` is true, because videos are also left out by policy. """
    cursor: int
    """ Where the next page begins: UTC, **milliseconds** since 1970-01-01T00:00:00Z. Observed: the `create_time` of
    the last video times 1000, on the last page too (in version 1 of the API); 0 for a creator without videos. It
    does not say whether there is more. """
    has_more: bool
    """ Whether another page follows. This alone decides. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        videos = []
        for videos_item_data in self.videos:
            videos_item = videos_item_data.to_dict()
            videos.append(videos_item)

        cursor = self.cursor

        has_more = self.has_more

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "videos": videos,
                "cursor": cursor,
                "has_more": has_more,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.video import Video  # noqa: PLC0415

        d = dict(src_dict)
        videos = []
        _videos = d.pop("videos")
        for videos_item_data in _videos:
            videos_item = Video.from_dict(videos_item_data)

            videos.append(videos_item)

        cursor = d.pop("cursor")

        has_more = d.pop("has_more")

        video_page = cls(
            videos=videos,
            cursor=cursor,
            has_more=has_more,
        )

        video_page.additional_properties = d
        return video_page

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
