from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ListVideosRequest")


@_attrs_define
class ListVideosRequest:
    """Which page of the history to answer, and how long it may be."""

    cursor: int | Unset = UNSET
    """ Only videos posted before this moment: UTC, **milliseconds** since 1970-01-01T00:00:00Z. Leave it out for
    the newest videos; after that send the `cursor` of the previous page, or any moment of your own. Never send 0:
    what it means is disputed. """
    max_count: int | Unset = 10
    """ The largest number of videos the page may hold, 1 to 20. What more than 20 does was never observed. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cursor = self.cursor

        max_count = self.max_count

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if cursor is not UNSET:
            field_dict["cursor"] = cursor
        if max_count is not UNSET:
            field_dict["max_count"] = max_count

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        cursor = d.pop("cursor", UNSET)

        max_count = d.pop("max_count", UNSET)

        list_videos_request = cls(
            cursor=cursor,
            max_count=max_count,
        )

        list_videos_request.additional_properties = d
        return list_videos_request

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
