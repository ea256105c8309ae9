"""What a caller may ask for: pure."""

from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tiktok_display import ALL, ConfigurationError, UnknownFieldWarning, VideoField
from tiktok_display.arguments import batches, check_amounts, names_of

SPEC = Path(__file__).parents[1] / "openapi.yaml"


def test_all_fields_are_those_of_the_specification() -> None:
    schemas = yaml.safe_load(SPEC.read_text(encoding="utf-8"))["components"]["schemas"]
    assert sorted(names_of(ALL).split(",")) == sorted(schemas["Video"]["properties"])


def test_fields_keep_their_order_come_once_and_gain_what_is_needed() -> None:
    names = names_of(["title", VideoField.DURATION, "title"], VideoField.ID, VideoField.DURATION)
    assert names == "title,duration,id"


def test_no_fields_at_all_are_just_the_needed_ones() -> None:
    assert names_of([], VideoField.ID) == "id"


def test_a_field_of_tomorrow_is_sent_on_with_a_warning() -> None:
    with pytest.warns(UnknownFieldWarning, match="is_tomorrow"):
        assert names_of(["is_tomorrow"], VideoField.ID) == "is_tomorrow,id"


@pytest.mark.parametrize("fields", ["id,title", ["id,title"], [""], ["a b"], ["id\n"], [7.5]])
def test_what_cannot_be_a_field_is_refused(fields: Iterable[str]) -> None:
    with pytest.raises(ConfigurationError):
        names_of(fields)


@given(st.lists(st.text(min_size=1, max_size=3)))
def test_ids_are_cut_into_twenties_each_once_in_the_order_asked(ids: list[str]) -> None:
    cut = batches(iter(ids))
    assert [id for batch in cut for id in batch] == list(dict.fromkeys(ids))
    assert all(len(batch) == 20 for batch in cut[:-1])
    assert all(1 <= len(batch) <= 20 for batch in cut[-1:])


@pytest.mark.parametrize("ids", ["7077642457847991554", [7077642457847991554], ["1", ""], [None]])
def test_what_cannot_be_an_id_is_refused(ids: Iterable[str]) -> None:
    with pytest.raises(ConfigurationError):
        batches(ids)


@pytest.mark.parametrize(("max_items", "workers"), [(-1, 1), (None, 0), (None, 65), (True, 1)])
def test_amounts_that_are_none_are_refused(max_items: int | None, workers: int) -> None:
    check_amounts(0, 64)
    with pytest.raises(ConfigurationError):
        check_amounts(max_items, workers)
