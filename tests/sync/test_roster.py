"""Whose logins are stored, and who of them is due."""

import time

import pytest

from tests.sync.office import Office
from tiktok_display import ConfigurationError
from tiktok_display.auth.environment import KEY_VARIABLE, SECRET_VARIABLE
from tiktok_display.cli.offices import environment
from tiktok_display.sync import Requests, due_creators
from tiktok_display.sync.cadence import DAY, HOUR
from tiktok_display.sync.roster import next_due, planned
from tiktok_display.sync.workshop import workshops


def everybody(office: Office) -> list[str]:
    return [creator.open_id for creator in office.box.creators]


def test_whoever_has_logged_in_is_due(office: Office) -> None:
    assert sorted(planned(office.shop, office.now())) == sorted(everybody(office))


def test_whoever_was_visited_is_due_again_in_time(office: Office) -> None:
    for creator in office.box.creators:
        office.sync(creator)
    assert list(planned(office.shop, office.now())) == []
    assert sorted(planned(office.shop, office.now() + DAY)) == sorted(everybody(office))


def test_the_longest_overdue_comes_first_and_the_rest_is_told(office: Office) -> None:
    list(planned(office.shop, office.now()))
    first, *others = everybody(office)
    with office.shop.database.transaction() as session:
        session.run("UPDATE creators SET due_at = 500, lookups = 2")
        session.run("UPDATE creators SET due_at = 400 WHERE open_id = :id", {"id": first})
    plan = planned(office.shop, office.now(), seconds=0.25)  # time for two requests of each kind
    assert list(plan) == [first]
    assert (plan.left.creators, plan.left.since) == (len(others), 500)
    assert plan.left.needs == Requests(2, 4)


def test_a_creator_who_is_set_aside_takes_no_request_and_comes_again_within_the_hour(
    office: Office,
) -> None:
    creator = office.box.creators[0]
    office.box.revoke(creator)
    office.sync(creator)
    plan = planned(office.shop, office.now() + HOUR)
    assert creator.open_id in [*plan]
    assert plan.taken == Requests(len(everybody(office)) - 1, 0)
    assert office.sync(creator).state == "login"


def test_any_number_of_creators_comes_in_short_transactions(office: Office) -> None:
    names = [{"id": f"creator {number:05}"} for number in range(3_456)]
    with office.shop.database.transaction() as session:
        session.run_all("INSERT INTO creators (open_id, due_at) VALUES (:id, 7)", names)
    found = list(planned(office.shop, office.now()))
    assert len(found) == len({*found}) == 3_456 + len(everybody(office))


def test_shards_share_the_creators_and_the_quota(office: Office) -> None:
    plans = [planned(office.shop, office.now(), shard=(number, 3)) for number in range(3)]
    assert sorted(id for plan in plans for id in plan) == sorted(everybody(office))
    assert plans[0].budget == Requests(273_600, 273_600)


@pytest.mark.parametrize("shard", [(3, 3), (-1, 2), (0, 0)])
def test_a_shard_that_is_none_is_refused(office: Office, shard: tuple[int, int]) -> None:
    with pytest.raises(ConfigurationError):
        planned(office.shop, office.now(), shard=shard)


def test_settings_are_enough(office: Office) -> None:
    names = {
        KEY_VARIABLE: office.box.app.client_key,
        SECRET_VARIABLE: office.box.app.client_secret,
    }
    with environment(names):
        try:
            assert next_due(office.settings) is None
            assert sorted(due_creators(office.settings)) == sorted(everybody(office))
            assert next_due(office.settings) == 0
            with office.shop.database.transaction() as session:
                session.run("UPDATE creators SET due_at = :at", {"at": int(time.time()) + 600})
            assert list(due_creators(office.settings, ahead=300)) == []
            assert sorted(due_creators(office.settings, ahead=900)) == sorted(everybody(office))
        finally:
            workshops.close()
