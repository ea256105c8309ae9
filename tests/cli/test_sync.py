"""`tiktok-display sync`, in this process."""

import itertools
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.conftest import Ended
from tiktok_display import ConfigurationError, RateLimit, TransportError
from tiktok_display.cli.offices import beside, office
from tiktok_display.cli.rounds import repeated, rounds
from tiktok_display.sandbox import Sandbox
from tiktok_display.sync.executors import threads

Command = Callable[..., Ended]
Environment = dict[str, str]


@pytest.fixture
def db(tmp_path: Path) -> str:
    """Where it may write."""
    return str(tmp_path / "videos.db")


def ids_in(db: str) -> list[str]:
    with sqlite3.connect(db) as connection:
        found = connection.execute("SELECT video_id FROM videos").fetchall()
    connection.close()
    return sorted(id for (id,) in found)


def truth(box: Sandbox) -> list[str]:
    return sorted(video.id for creator in box.creators for video in creator.videos)


def test_everybody_is_synced_and_nobody_is_due_afterwards(
    command: Command, app_env: Environment, imported: Callable[..., None], box: Sandbox, db: str
) -> None:
    imported(3)
    first = command("sync", "--db", db, **app_env)
    assert (first.code, ids_in(db)) == (0, truth(box))
    assert first.out.startswith(f"3 creators: 3 synced; {len(truth(box))} videos written")
    assert first.err == f"database: {db}\n"
    box.clear_requests()
    again = command("sync", "--db", db, **app_env)
    assert (again.code, box.requests) == (0, [])
    assert again.out.startswith("nobody is due before 20")


def test_a_creator_who_has_to_log_in_is_told_and_the_rest_goes_on(
    command: Command, app_env: Environment, imported: Callable[..., None], box: Sandbox, db: str
) -> None:
    imported(3)
    box.revoke(box.creators[1])
    done = command("sync", "--db", db, **app_env)
    assert done.code == 4
    assert "2 synced, 1 to log in anew" in done.out
    assert f"{box.creators[1].open_id}: " in done.err


def test_a_creator_who_failed_comes_again(
    command: Command, app_env: Environment, imported: Callable[..., None], box: Sandbox, db: str
) -> None:
    imported(1)
    box.fault(path="/v2/video/list/", code="invalid_params", nth=2, times=99)
    done = command("sync", "--db", db, **app_env)
    assert (done.code, "1 failed" in done.out) == (1, True)
    box.clear_faults()
    assert command("sync", "--db", db, **app_env).code == 0
    assert ids_in(db) == sorted(video.id for video in box.creators[0].videos)


def test_without_a_login_it_says_how_to_log_in(
    command: Command, app_env: Environment, db: str
) -> None:
    done = command("sync", "--db", db, **app_env)
    assert done.code == 4
    assert "tiktok-display login" in done.err


def test_without_an_app_it_says_where_to_put_one(command: Command, db: str) -> None:
    done = command("sync", "--db", db)
    assert done.code == 2
    assert "TIKTOK_DISPLAY_CLIENT_KEY" in done.err


def test_a_sandbox_needs_nothing(command: Command, db: str) -> None:
    done = command("sync", "--sandbox", "--db", db)
    assert done.code == 0
    assert "nothing in it is real" in done.err
    assert len(ids_in(db)) > 0


def test_what_is_invented_goes_into_no_real_database(
    command: Command, tmp_path: Path, db: str
) -> None:
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    assert command("sync", "--sandbox", TIKTOK_DISPLAY_DB=db, **home).code == 0
    assert not Path(db).exists()


def test_a_database_that_is_none_is_an_error_of_its_own(
    command: Command, app_env: Environment, imported: Callable[..., None], db: str
) -> None:
    imported(1)
    Path(db).write_text("no database, but a text that is long enough to be looked at")
    done = command("sync", "--db", db, **app_env)
    assert done.code == 1
    assert "the database of the sync" in done.err
    assert "the same command" in done.err


def test_several_processes_count_their_requests_at_one_place(tmp_path: Path) -> None:
    assert beside("postgresql://host/videos") == "postgresql://host/videos"
    file = tmp_path / "videos.db"
    assert beside(str(file)) == beside(f"sqlite:///{file}") == f"sqlite:///{file}-quota"
    assert RateLimit(beside(str(file))).reserve("/v2/video/list/") == 0.0


@pytest.mark.parametrize(
    ("named", "many", "quota"),
    [
        (None, False, None),
        (None, True, "sqlite:///{db}-quota"),
        ("redis://host", False, "redis://host"),
        ("redis://host", True, "redis://host"),
    ],
)
def test_the_quota_is_counted_where_it_has_to_be(
    db: str, named: str | None, many: bool, quota: str | None
) -> None:
    with (
        CliRunner().isolation(env={"TIKTOK_DISPLAY_QUOTA": named}),
        office(db, 600, many_processes=many, sandbox=False) as settings,
    ):
        assert settings.quota == (quota and quota.format(db=db))


def test_it_goes_on_for_ever_into_postgres(
    app_env: Environment,
    imported: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    postgres_dsn: str,
) -> None:
    imported(3)
    slept = list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            raise Stopped

    with (
        CliRunner().isolation(env={**app_env, "TIKTOK_DISPLAY_DB": postgres_dsn}),
        office(None, 600, many_processes=False, sandbox=False) as settings,
        threads(2) as pool,
        pytest.raises(Stopped),
    ):
        rounds(settings, pool, 60, sleep)
    assert len(slept) == 2


def test_a_database_on_a_server_is_not_named(
    command: Command, app_env: Environment, imported: Callable[..., None], postgres_dsn: str
) -> None:
    imported(2)
    done = command("sync", TIKTOK_DISPLAY_DB=postgres_dsn, **app_env)
    assert done.code == 0
    assert "postgresql" not in done.err + done.out


class Stopped(BaseException):
    """The end of an endless loop."""


def test_rounds_come_on_time_or_at_once_where_one_has_taken_longer() -> None:
    now, slept = 1_000.0, list[float]()
    lengths = iter([10.0, 70.0, 0.0])

    def work() -> None:
        nonlocal now
        now += next(lengths)

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds
        if len(slept) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        repeated(work, 60, sleep, lambda: now)
    assert slept == [50.0, 0.0, 60.0]


def test_a_round_that_ends_early_is_followed_by_the_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    errors = iter([TransportError("no route"), ConfigurationError("no such database")])

    def work() -> None:
        raise next(errors)

    with pytest.raises(ConfigurationError):
        repeated(work, 60, lambda _: None, itertools.count().__next__)
    assert "this round has ended early" in capsys.readouterr().err
