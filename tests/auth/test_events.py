"""What the operator is told: by a callback and in the log, without secrets."""

import logging
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.auth.test_refresh import KEY
from tests.auth.test_tokens import RECORD
from tiktok_display.auth.events import Teller, TokenEvent, TokenEventKind, consent_days

DAY = 86_400.0


@pytest.mark.parametrize("kind", TokenEventKind)
def test_every_kind_of_event_is_told_and_logged_without_a_secret(
    kind: TokenEventKind, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[TokenEvent] = []
    with caplog.at_level(logging.DEBUG):
        Teller(KEY, told.append).tell(kind, "why", days=7, record=RECORD)
    (event,) = told
    assert (event.kind, event.client_key, event.open_id) == (kind, "app", "creator")
    assert (event.detail, event.days, event.record) == ("why", 7, RECORD)
    (line,) = caplog.messages
    assert line == f"tokens of creator creator: {kind}: why"
    assert "act." not in caplog.text + repr(event)


def test_what_a_creator_loses_is_logged_as_an_error(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for kind in TokenEventKind:
            Teller(KEY).tell(kind)
    levels = {record.message.rsplit(": ", 1)[1]: record.levelname for record in caplog.records}
    assert levels == {
        "refreshed": "INFO",
        "adopted": "DEBUG",
        "late_commit": "WARNING",
        "unsaved": "ERROR",
        "saved": "INFO",
        "rotation_lost": "ERROR",
        "refresh_rejected": "WARNING",
        "consent_ends_soon": "WARNING",
    }


def test_a_callback_that_fails_stops_nothing_and_is_not_quoted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(event: TokenEvent) -> None:
        raise ValueError(f"cannot send {RECORD.access_token}")

    Teller(KEY, fail).tell(TokenEventKind.UNSAVED, record=RECORD)
    assert caplog.messages[-1] == "the callback for token events raised ValueError"
    assert "act." not in caplog.text


@pytest.mark.parametrize(
    ("since", "now", "days"),
    [
        (-31, -30.5, None),
        (-31, -30, 30),
        (-30, -29, None),
        (-8, -6, 7),
        (-1.1, -0.9, 1),
        (-40, -0.5, 1),
        (-40, -5, 7),
        (-0.5, -0.1, None),
    ],
)
def test_the_end_of_a_consent_is_told_thirty_seven_and_one_day_before(
    since: float, now: float, days: int | None
) -> None:
    assert consent_days(100 * DAY, (100 + since) * DAY, (100 + now) * DAY) == days


def test_a_consent_whose_end_is_not_known_has_none() -> None:
    assert consent_days(None, 0.0, 1e12) is None


@given(st.lists(st.floats(0.0, 110.0), min_size=2))
def test_however_often_it_is_refreshed_each_threshold_is_met_once_at_most(
    moments: list[float],
) -> None:
    times = sorted(moment * DAY for moment in moments)
    met = [consent_days(100 * DAY, *pair) for pair in pairwise(times)]
    found = [days for days in met if days]
    assert found == sorted(set(found), reverse=True)
