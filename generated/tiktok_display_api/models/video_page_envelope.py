from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.error_info import ErrorInfo
    from ..models.video_page import VideoPage


T = TypeVar("T", bound="VideoPageEnvelope")


@_attrs_define
class VideoPageEnvelope:
    """What both endpoints answer: the videos in `data`, the outcome in `error`. Read `error.code` first."""

    error: ErrorInfo
    """ The outcome of a call, on success too. """
    data: VideoPage | Unset = UNSET
    """ One page of videos. In the answer of `queryVideos` only `videos` has a meaning. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        error = self.error.to_dict()

        data: dict[str, Any] | Unset = UNSET
        if not isinstance(self.data, Unset):
            data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "error": error,
            }
        )
        if data is not UNSET:
            field_dict["data"] = data

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.error_info import ErrorInfo  # noqa: PLC0415
        from ..models.video_page import VideoPage  # noqa: PLC0415

        d = dict(src_dict)
        error = ErrorInfo.from_dict(d.pop("error"))

        _data = d.pop("data", UNSET)
        data: VideoPage | Unset
        if isinstance(_data, Unset):
            data = UNSET
        else:
            data = VideoPage.from_dict(_data)

        video_page_envelope = cls(
            error=error,
            data=data,
        )

        video_page_envelope.additional_properties = d
        return video_page_envelope

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
