"""What a report says on a terminal, and where it looks for its database."""

import os
import re
from collections.abc import Callable
from contextlib import closing, redirect_stdout
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner
from rich.cells import cell_len

from tests.sync.archive import Archive, noon
from tiktok_display import ConfigurationError
from tiktok_display.cli.app import app, run
from tiktok_display.cli.databases import database_file, database_url
from tiktok_display.cli.report_table import as_lines, trend
from tiktok_display.cli.report_words import between, gain, link, notes
from tiktok_display.cli.sample import sample
from tiktok_display.sync import Database
from tiktok_display.sync.growth import Counts, Day, GrownVideo, Growth, Report, report

Command = Callable[..., Any]
PLACE = "https://www.tiktok.com/@anna/video/7080213458555737986"


@pytest.fixture
def place(tmp_path: Path) -> str:
    """A database of three creators and two weeks."""
    path = str(tmp_path / "videos.db")
    archive = Archive(path)
    with closing(archive.database):
        old = {number: (1_000_000 + 9_000 * number, 500, 40, 3) for number in range(14)}
        archive.video(
            "anna", "7080213458555737986", old, title="お弁当 🍱", share_url=f"{PLACE}?utm=x"
        )
        archive.video("anna", "2", {5: 800, 13: 1_700}, posted=noon(5), title="A new one")
        archive.video("ben\x1b[2J", "3", {0: 90, 7: 70}, title="Smaller")
        archive.creator("carla", synced=13, aside="creator carla must log in again: revoked")
    return path


def told(place: str, days: int = 30) -> Report:
    with closing(Database(place)) as database:
        found = report(database, noon(13) + 7_200, days=days)
    assert found is not None
    return found


# On a terminal.


def test_it_tells_of_all_of_each_and_of_the_videos_that_grew_most(
    command: Command, place: str
) -> None:
    ended = command("report", "--db", place, COLUMNS="100")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "Growth of 3 creators, 1 to 14 November 2026 (14 days)"
    assert lines[2].split() == ["total", "gained", "day", "by", "day"]
    assert lines[3].split()[:3] == ["views", "1.1M", "+118.6K"]
    assert lines[7].split()[:3] == ["videos", "3", "+1"]
    assert [line.split()[0] for line in lines[9:12]] == ["creator", "anna", "ben\ufffd[2J"]
    assert lines[11].split()[1:7] == ["-20", "70", "1", "0", "0", "0"]
    assert "and 1 more creator" in lines
    assert " +117.0K      1.1M  お弁当 🍱" in lines
    assert f"{'':20}{PLACE}" in lines
    assert "set aside: carla: creator carla must log in again: revoked" in lines
    assert lines[-1] == "Growth counts on the day on which it was seen; days are in UTC."


@pytest.mark.parametrize("width", [20, 40, 80, 120, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_it_fits_the_terminal(place: str, width: int, encoding: str) -> None:
    for line in as_lines(told(place), noon(13), width, encoding):
        assert cell_len(line.rstrip("\n")) <= width
        assert line.encode(encoding)


def test_on_40_columns_there_is_what_matters_most(command: Command, place: str) -> None:
    lines = command("report", "--db", place, COLUMNS="40").out.splitlines()
    assert [line for line in lines if line.startswith("creator")] == [
        "creator                 gained     views"
    ]
    assert ["anna", "+118.7K", "1.1M"] in [line.split() for line in lines]
    # An address that does not fit is of no use, and an id can be looked up.
    assert f"{'':20}7080213458555737986" in lines
    assert PLACE not in "\n".join(lines)


def test_wide_enough_a_terminal_shows_the_days_of_each_creator(place: str) -> None:
    lines = list(as_lines(told(place), noon(13), 100))
    (anna,) = [line for line in lines if line.startswith("anna")]
    assert len(re.findall("[▁▂▃▄▅▆▇█]", anna)) == 14
    assert not re.search("[▁▂▃▄▅▆▇█]", "".join(as_lines(told(place), noon(13), 100, "ascii")))
    assert not re.search("[▁▂▃▄▅▆▇█]", "".join(as_lines(told(place, days=4), noon(13), 100)))


def test_where_nothing_was_gained_that_is_said(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path / "videos.db"))
    with closing(archive.database):
        archive.video("anna", "1", {0: 9, 9: 9}, share_url="nowhere")
        found = report(archive.database, noon(9))
    assert found is not None
    lines = list(as_lines(found, noon(9), 80))
    assert "No video has gained views.\n" in lines
    assert "views            9         0  ▁▁▁▁▁▁▁▁▁▁\n" in lines


def test_a_video_without_a_title_is_still_shown(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path / "videos.db"))
    with closing(archive.database):
        archive.video("anna", "77", {0: 9, 1: 10})
        found = report(archive.database, noon(9))
    assert found is not None
    lines = list(as_lines(found, noon(9), 80))
    index = lines.index("      +1        10  (no title)\n")
    assert lines[index + 1] == f"{'':20}77\n"


# Its words.


def grown(*gains: int) -> Growth:
    days, total = list[Day](), Counts()
    for number, each in enumerate(gains):
        total += Counts(views=each)
        days.append(Day(date(2026, 11, 1) + timedelta(days=number), Counts(views=each), total))
    return Growth("anna", Counts(), tuple(days))


@pytest.mark.parametrize(
    ("gains", "room", "shown"),
    [
        ([0, 0, 0], 3, "▁▁▁"),
        ([0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"),
        ([-5, 0, 700], 3, "▁▁█"),
        ([0, 0, 8, 8, 4, 4], 3, "▁█▅"),
        ([0, 6, 6, 0, 6], 2, "▆█"),
    ],
)
def test_a_trend_has_a_block_for_each_day_or_for_several(
    gains: list[int], room: int, shown: str
) -> None:
    assert trend(grown(*gains), "views", room) == shown


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 11, 1), date(2026, 11, 1), "1 November 2026"),
        (date(2026, 11, 1), date(2026, 11, 14), "1 to 14 November 2026"),
        (date(2026, 10, 16), date(2026, 11, 14), "16 October to 14 November 2026"),
        (date(2025, 12, 16), date(2026, 1, 14), "16 December 2025 to 14 January 2026"),
    ],
)
def test_a_period_says_nothing_twice(first: date, last: date, said: str) -> None:
    assert between(first, last) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0"), (7, "+7"), (-7, "-7"), (12_345, "+12.3K"), (-4_100_000, "-4.1M")]
)
def test_a_gain_has_its_sign(count: int, said: str) -> None:
    assert gain(count) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7_200, "2 hours ago"),
        (86_400, "1 day ago"),
        (400 * 86_400, "400 days ago"),
    ],
)
def test_it_says_how_old_its_counts_are(place: str, seconds: int, said: str) -> None:
    first, *_ = notes(told(place), noon(13) + seconds)
    assert first == f"The newest counts are of 14 November 2026, 12:00 UTC: {said}."


def test_it_says_who_needs_looking_after(place: str) -> None:
    found = told(place)
    _, late, aside = notes(found, noon(13))
    assert late == "2 creators have not been synced for two days or more."
    assert aside == "1 creator needs a new login: tiktok-display login."
    _, late, aside = notes(evolve(found, late=1, set_aside=1_200), noon(13))
    assert late == "1 creator has not been synced for two days or more."
    assert aside == "1,200 creators need a new login: tiktok-display login."
    assert len(list(notes(evolve(found, late=0, set_aside=0), noon(13)))) == 1


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        (f"{PLACE}?utm_source=x#y", PLACE),
        ("https://tiktok.com/@a/video/1", "https://tiktok.com/@a/video/1"),
        (None, None),
        ("", None),
        ("javascript:alert(1)//.tiktok.com", None),
        ("http://www.tiktok.com/@a", None),
        ("https://www.tiktok.com.example.org/@a", None),
        ("https://notiktok.com/@a", None),
        ("https://[tiktok.com/@a", None),
        ("https://user:secret@www.tiktok.com:8443/@a", "https://www.tiktok.com/@a"),
    ],
)
def test_only_addresses_of_tiktok_are_linked(url: str | None, leads: str | None) -> None:
    assert link(GrownVideo("1", "anna", "title", url, 2, 1)) == leads


# Its database.


def with_environment(named: str | None, given: str | None = None) -> str:
    with CliRunner().isolation(env={"TIKTOK_DISPLAY_DB": named}):
        return database_url(given)


def test_the_database_is_the_one_given_or_that_of_the_environment() -> None:
    dsn = "postgresql://me:secret@db.example/videos"
    assert with_environment(dsn, "own.db") == "own.db"
    assert with_environment(dsn) == dsn
    assert with_environment(dsn, "sqlite:///a:b@c.db") == "sqlite:///a:b@c.db"
    assert with_environment(dsn, "postgresql://me@db.example/videos").endswith("@db.example/videos")


@pytest.mark.skipif(os.name != "posix", reason="XDG's folders are for Unix")
def test_else_it_is_among_the_users_data(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    with CliRunner().isolation(env={**home, "TIKTOK_DISPLAY_DB": " "}):
        path = Path(database_url(None))
    assert path.name == "videos.db"
    assert path.is_relative_to(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@db.example/videos",
        "postgres://me:se/c?r@et@db.example/videos",
        "postgresql://db.example/videos?user=me&password=secret",
        "postgresql://db.example/videos?sslpassword=secret",
        "host=db.example password=secret",
    ],
)
def test_a_password_is_no_argument(command: Command, url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        with_environment(None, url)
    assert "secret" not in str(caught.value)
    ended = command("report", "--db", url)
    assert (ended.code, ended.out) == (2, "")
    assert "TIKTOK_DISPLAY_DB" in ended.err
    assert not re.search("secret|se/c", ended.err)


def test_a_database_is_a_file_or_on_a_server() -> None:
    assert database_file("postgresql://db.example/videos") is None
    assert database_file("sqlite:////var/videos.db") == Path("/var/videos.db")
    assert database_file("videos.db") == Path("videos.db")


def test_looking_makes_no_database(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "data" / "videos.db"
    ended = command("report", TIKTOK_DISPLAY_DB=str(path))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: nothing has been synced into {path} yet; to begin: tiktok-display sync;"
        " to see what comes of it: --sandbox\n"
    )
    assert not path.parent.exists()


def test_an_empty_database_says_the_same(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "videos.db"
    archive = Archive(str(path))
    with closing(archive.database):
        archive.creator("anna")
    ended = command("report", "--db", str(path))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"error: nothing has been synced into {path} yet; ")


def test_a_server_that_is_not_there_is_a_failure_in_a_line(
    command: Command, tmp_path: Path
) -> None:
    url = f"postgresql://me:secret@/videos?host={tmp_path}"
    ended = command("report", TIKTOK_DISPLAY_DB=url)
    assert (ended.code, ended.out) == (1, "")
    assert "secret" not in ended.err
    assert len(ended.err.splitlines()) == 1


# Without one.


def test_a_sandbox_is_reported_for_those_who_have_nothing(command: Command) -> None:
    ended = command("report", "--sandbox", "--days", "7", COLUMNS="100")
    assert ended.code == 0
    assert ended.err == "sandbox: a TikTok invented on this machine; nothing in it is real\n"
    lines = ended.out.splitlines()
    assert lines[0].startswith("Growth of 3 creators, ")
    assert lines[0].endswith(" (7 days)")
    assert len([line for line in lines if line.startswith("sandbox-")]) == 3


def test_it_has_two_weeks_in_which_everybody_gains() -> None:
    with sample(datetime(2027, 3, 14, 9, tzinfo=UTC)) as url:
        found = told(url)
        assert Path(url).exists()
    assert not Path(url).exists()
    assert (found.first, found.last) == (date(2027, 3, 1), date(2027, 3, 14))
    assert found.synced_at.replace(second=0) == datetime(2027, 3, 14, tzinfo=UTC)
    assert len(found.creators) == 3
    assert all(growth.gained.views > 0 for growth in found.creators)
    assert all(growth.gained.likes > 0 for growth in found.creators)
    assert found.overall.days[-1].gained.views > 0
    assert len(found.videos) == 10
    assert (found.set_aside, found.overall.days[0].gained.views) == (0, 0)


def test_a_sandbox_and_a_database_exclude_each_other(command: Command, place: str) -> None:
    ended = command("report", "--sandbox", "--db", place)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "error: --sandbox and --db exclude each other\n"


def test_a_closed_stdout_is_an_error(place: str) -> None:
    with CliRunner().isolation() as (_, err, *_rest), redirect_stdout(None):
        assert run(app, ["report", "--db", place]) == 1
    assert err.getvalue() == b"error: stdout is closed\n"
