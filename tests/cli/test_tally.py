"""What a round of a sync came to."""

import click
import pytest

from tiktok_display.cli.durations import duration
from tiktok_display.cli.tally import Tally, nobody, summary
from tiktok_display.sync import Left, Requests, Synced


def tally(*states: str) -> Tally:
    tally = Tally()
    for number, state in enumerate(states):
        tally.add(Synced(str(number), 3, state, None if state == "active" else "why", 1, 2))
    return tally


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([], 0),
        (["active"], 0),
        (["active", "login"], 4),
        (["login", "limited"], 5),
        (["login", "failed", "limited"], 1),
    ],
)
def test_the_exit_code_says_what_is_worst(states: list[str], code: int) -> None:
    assert tally(*states).exit_code == code


def test_a_round_is_told_in_a_line() -> None:
    assert list(summary(tally("active", "active", "login"), Left())) == [
        "3 creators: 2 synced, 1 to log in anew; 9 videos written, 9 requests"
    ]
    assert list(summary(tally(), Left())) == []


def test_what_did_not_fit_is_told() -> None:
    left = Left(1_200, Requests(1_200, 1), 1_800_000_000)
    (line,) = summary(tally(), left)
    assert line == (
        "left for the next time, for the quota has no room: 1,200 creators"
        " (1,200 lists, 1 look-up, due since 2027-01-15 08:00 UTC)"
    )
    (line,) = summary(tally(), Left(1, Requests(1, 0), 0))
    assert line.endswith("1 creator (1 list, 0 look-ups)")


def test_nobody_is_due_for_a_while() -> None:
    assert nobody(1_800_000_000) == "nobody is due before 2027-01-15 08:00 UTC"


def test_each_trouble_is_told_but_not_thousands_of_them() -> None:
    many = Tally()
    said = [many.add(Synced(str(n), 0, "failed", "no route")) for n in range(1_000)]
    told = [line for line in said if line is not None]
    assert told[0] == "0: no route"
    assert len(told) == 20
    assert told[-1].endswith("more of this kind is only counted")
    assert many.add(Synced("a", 0, "active")) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1m", 60), ("15m", 900), ("1h", 3_600), (" 2 H ", 7_200), ("7d", 604_800)],
)
def test_a_duration_is_read(text: str, seconds: int) -> None:
    assert duration(None, None, text) == seconds


def test_no_duration_is_none() -> None:
    assert duration(None, None, None) is None


@pytest.mark.parametrize("text", ["", "5", "59s", "8d", "-1h", "1w", "h", "\u0661h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        duration(None, None, text)
