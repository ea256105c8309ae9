"""The short form of `thousand`: forty creators."""

import pytest

from tests.scale.tables import Differences, differences
from tests.scale.thousand import AGAIN, FIRST, MOST, Outcome, outcomes

CREATORS = 40


@pytest.fixture(scope="module")
def done(postgres_dsn: str) -> list[Outcome]:
    """Every run."""
    return list(outcomes(CREATORS, 7, postgres_dsn))


def test_each_is_synced_once_wherever_that_is_done(done: list[Outcome]) -> None:
    assert [(one.visit, one.executor, one.database) for one in done] == [
        (visit, executor, database)
        for visit in (FIRST, AGAIN)
        for executor, database in [
            ("threads", "SQLite"),  # the one in which nothing goes wrong
            ("threads", "SQLite"),
            ("threads", "PostgreSQL"),
            ("Dask", "SQLite"),
            ("Dask", "PostgreSQL"),
        ]
    ]
    assert [one.states for one in done] == [{"active": CREATORS}] * len(done)
    assert {one.creators for one in done} == {CREATORS}


def test_every_row_is_what_tiktok_has_and_there_is_no_other(done: list[Outcome]) -> None:
    assert {one.differences for one in done} == {Differences()}


def test_what_goes_wrong_costs_its_repetition_and_nothing_else(done: list[Outcome]) -> None:
    assert {one.counted.requests - one.needed - one.counted.repeats for one in done} == {0}
    assert [one.told for one in done] == [one.counted.lists for one in done]
    assert sum(one.counted.faults for one in done) > 10
    needed = sum(one.needed for one in done)
    assert sum(one.counted.requests for one in done) <= MOST * needed


def test_what_is_new_takes_one_list_for_each(done: list[Outcome]) -> None:
    assert {one.needed for one in done if one.visit == AGAIN} == {CREATORS}


def test_what_differs_is_found() -> None:
    row = ("anna", "1", 5, 1, 2, 3, 4)
    seen = ("1", "2026-11-01", 1, 2, 3, 4)
    assert differences([row], [row], [seen]) == Differences()
    assert differences([row], [], []) == Differences(missing=2)
    assert differences([], [row], [seen]) == Differences(strange=2)
    assert differences([row], [row, row], [seen, seen]) == Differences(doubled=2)
    assert differences([row], [(*row[:6], 9)], [(*seen[:5], 9)]) == Differences(wrong=2)
    later = ("1", "2026-11-02", 1, 2, 3, 4)
    assert differences([row], [row], [(*seen[:5], 0), later]) == Differences()
