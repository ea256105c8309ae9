"""The commands, run in this process against a sandbox."""

import csv
import io
import json
import os
import re
import signal
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import rich_click as click
import tiktok_display_cli
from click.testing import CliRunner

from tiktok_display import ALL, __version__
from tiktok_display.cli import main
from tiktok_display.cli.app import app, run, specification
from tiktok_display.cli.demo import DemoFailed, _fail, _Walk
from tiktok_display.cli.progress import progress
from tiktok_display.sandbox import Sandbox

Command = Callable[..., Any]
LIST = "/v2/video/list/"


def ids(lines: str) -> list[str]:
    return [json.loads(line)["id"] for line in lines.splitlines()]


def truth(box: Sandbox) -> list[str]:
    return [video.id for video in box.creators[0].videos]


def test_videos_lists_every_video_as_lines_of_json(command: Command, box: Sandbox) -> None:
    ended = command("videos")
    assert (ended.code, ended.err) == (0, "")
    assert ids(ended.out) == truth(box)
    assert len(json.loads(ended.out.splitlines()[0])) == len(ALL)


def test_videos_writes_one_array(command: Command, box: Sandbox) -> None:
    ended = command("videos", "--format", "json", "--fields", "title,id")
    assert [video["id"] for video in json.loads(ended.out)] == truth(box)
    assert list(json.loads(ended.out)[0]) == ["title", "id"]


def test_videos_writes_csv_with_the_asked_columns(command: Command, box: Sandbox) -> None:
    ended = command("videos", "--format", "csv", "--fields", "id, title ,id")
    rows = list(csv.DictReader(io.StringIO(ended.out, newline="")))
    assert [row["id"] for row in rows] == truth(box)
    assert list(rows[0]) == ["id", "title"]


def test_bounds_and_max_items_are_kept(command: Command, box: Sandbox) -> None:
    history = box.creators[0].videos
    since, until = history[30].create_time, history[10].create_time
    first, end = (str(datetime.fromtimestamp(second).astimezone()) for second in (since, until))
    ended = command("videos", "--since", first, "--until", end)
    assert ids(ended.out) == [v.id for v in history if since <= v.create_time < until]
    assert ids(command("videos", "--max-items", "3").out) == truth(box)[:3]
    assert command("videos", "--max-items", "0").out == ""


@pytest.mark.parametrize(
    ("bounds", "told"),
    [
        (["--since", "9000-01-01"], "warning: --since is in the future, 9000-01-01 "),
        (["--since", "2026-03", "--until", "2026-03"], "warning: --since, 2026-03-01 "),
    ],
)
def test_bounds_that_no_video_can_keep_are_told(
    command: Command, bounds: list[str], told: str
) -> None:
    ended = command("videos", *bounds)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith(told)
    assert len(ended.err.splitlines()) == 1


def test_a_run_goes_on_at_a_cursor(command: Command, box: Sandbox) -> None:
    box.fault(path=LIST, nth=2, code="invalid_params", message="no\x1b[2J more")
    ended = command("videos")
    assert ended.code == 1
    error, hint = ended.err.splitlines()
    assert error.startswith("error: no\ufffd[2J more [status 400, code invalid_params, log_id ")
    cursor = hint.removeprefix("to go on: the same command with --cursor ")
    rest = ids(command("videos", "--cursor", cursor).out)
    assert list(dict.fromkeys(ids(ended.out) + rest)) == truth(box)


def test_a_field_nobody_knows_is_sent_on_with_a_warning(command: Command) -> None:
    ended = command("videos", "--fields", "id,novelty")
    assert ended.code == 1
    assert ended.err.splitlines()[0].startswith("warning: TikTok may know a field 'novelty'")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_stdout_will_do(command: Command, box: Sandbox, encoding: str) -> None:
    ended = command("videos", encoding=encoding)
    titles = [json.loads(line)["title"] for line in ended.out.splitlines()]
    assert titles == [video.title for video in box.creators[0].videos]


def test_query_answers_in_the_order_asked_and_names_what_is_missing(
    command: Command, box: Sandbox
) -> None:
    one, two, *_ = truth(box)
    ended = command("query", two, "1", one, "2", "--fields", "id")
    assert (ended.code, ids(ended.out), ended.err) == (0, [two, one], "not found: 1, 2\n")


def test_query_writes_a_file(command: Command, box: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "found.csv"
    ended = command("query", truth(box)[0], "--fields", "id", "--output", str(file))
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert file.read_text() == f"id\n{truth(box)[0]}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["found.csv"]


@pytest.mark.parametrize("token", [None, " "])
def test_without_a_token_it_says_how_to_give_one(command: Command, token: str | None) -> None:
    ended = command("videos", TIKTOK_DISPLAY_TOKEN=token)
    assert (ended.code, ended.out) == (4, "")
    assert "TIKTOK_DISPLAY_TOKEN" in ended.err
    assert "--sandbox" in ended.err


def test_the_sandbox_needs_no_token_and_says_that_it_is_one(command: Command, box: Sandbox) -> None:
    ended = command("videos", "--sandbox", TIKTOK_DISPLAY_TOKEN=None, TIKTOK_DISPLAY_BASE_URL=None)
    assert (ended.code, ids(ended.out)) == (0, truth(box))
    assert ended.err.startswith("sandbox: ")


def test_a_dead_token_needs_a_login_and_shows_nowhere(command: Command, box: Sandbox) -> None:
    token = "act.secret"
    box.fault(path=LIST, code="access_token_invalid", message=f"{token} is dead")
    ended = command("videos", TIKTOK_DISPLAY_TOKEN=token)
    assert (ended.code, ended.out) == (4, "")
    assert token not in ended.err
    error, advice = ended.err.splitlines()
    assert error.startswith("error: *** is dead [status 401, code access_token_invalid, log_id ")
    assert advice == "put a fresh access token into TIKTOK_DISPLAY_TOKEN; they live two hours"


def test_a_rate_limit_has_an_exit_code_of_its_own(command: Command, box: Sandbox) -> None:
    box.fault(path=LIST, status=429, headers={"retry-after": "3600"})
    assert command("videos").code == 5


@pytest.mark.parametrize(
    "args",
    [
        ["videos", "--since", "nonsense"],
        ["videos", "--fields", " , "],
        ["videos", "--fields", "not a name"],
        ["videos", "--cursor", "0"],
        ["videos", "--format", "table"],
        ["videos", "--output", "."],
        ["videos", "--output", ""],
        ["videos", "--since", "0001-01-01"],
        ["videos", "--output", os.devnull],
        ["videos", "extra"],
        ["query"],
        ["nothing"],
    ],
)
def test_wrong_usage_ends_with_2_and_a_line_or_two(command: Command, args: list[str]) -> None:
    ended = command(*args)
    assert (ended.code, ended.out) == (2, "")
    assert 1 <= len(ended.err.splitlines()) <= 2


@pytest.mark.parametrize("args", [[], ["-h"], ["videos", "-h"], ["query", "-h"], ["sandbox", "-h"]])
def test_help_comes_on_stdout(command: Command, args: list[str]) -> None:
    ended = command(*args)
    assert (ended.code, ended.err) == (0, "")
    assert "tiktok-display" in ended.out


def test_the_version_is_told(command: Command) -> None:
    assert command("--version").out == f"tiktok-display {__version__}\n"


def test_the_spec_is_printed_byte_by_byte_or_located(command: Command) -> None:
    path = command("spec", "--path").out.rstrip("\n")
    assert command("spec", encoding="utf-8").out == Path(path).read_text(encoding="utf-8")


def test_the_spec_of_a_wheel_is_inside_the_package(tmp_path: Path) -> None:
    package = tmp_path / "wrapper" / "tiktok_display"
    package.mkdir(parents=True)
    assert specification(package) == tmp_path / "openapi.yaml"
    (package / "openapi.yaml").touch()
    assert specification(package) == package / "openapi.yaml"


def test_the_demo_lists_every_video_once_each_way_and_refreshes_on_the_way(
    command: Command,
) -> None:
    ended = command("demo", COLUMNS="100")
    assert (ended.code, ended.err) == (0, "")
    _, listing, query, error, again = ended.out.split("\n\n")
    shown = [word for word in listing.split() if word.isdigit() and len(word) == 19]
    assert len(set(shown)) == len(shown) == 45
    assert [word for word in again.split() if word.isdigit() and len(word) == 19] == shown
    assert all("refreshed it and asked again" in part for part in (listing, again))
    assert "missing: 7000000000000000000" in query
    assert "log_id 2026" in error
    assert "\x1b" not in ended.out
    assert "sandbox" in ended.out.splitlines()[0]


def test_a_demo_that_lost_a_video_fails(box: Sandbox) -> None:
    with pytest.raises(DemoFailed):
        _Walk(box, 80).check()


class _Yielding:
    """A client that accepts any token."""

    def list_videos(self) -> Any:
        return iter([1])


def test_a_demo_whose_made_up_token_is_accepted_fails() -> None:
    with pytest.raises(DemoFailed):
        _fail(_Yielding())  # type: ignore[arg-type]


def test_a_taken_port_is_a_failure_in_a_line(command: Command, box: Sandbox) -> None:
    ended = command("sandbox", "--port", box.base_url.rpartition(":")[2])
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.splitlines()[0].startswith("sandbox: ")
    assert ended.err.splitlines()[1].startswith("error: ")


def test_a_table_is_printed_on_a_terminal(env: dict[str, str], terminal: Any, box: Sandbox) -> None:
    with CliRunner().isolation(env={**env, "COLUMNS": "70"}), redirect_stdout(terminal.end):
        assert run(app, ["videos", "--max-items", "2"]) == 0
    header, *rows = terminal.screen().splitlines()
    assert header.split() == ["id", "posted", "views", "likes", "title"]
    assert [row.split()[0] for row in rows] == truth(box)[:2]


def test_a_terminal_that_does_not_say_its_size_has_80_columns(
    env: dict[str, str], terminal: Any
) -> None:
    with CliRunner().isolation(env={**env, "COLUMNS": None}), redirect_stdout(terminal.end):
        assert run(app, ["query", "1"]) == 0
    assert terminal.screen() == "no videos\r\n"


def test_what_is_no_terminal_has_80_columns(command: Command) -> None:
    assert command("demo", COLUMNS=None).out == command("demo", COLUMNS="80").out


def test_a_bar_shows_on_a_terminal_and_leaves_it_clean(terminal: Any) -> None:
    with redirect_stderr(terminal.end), progress(3) as done:
        done()
    assert "1 videos" in terminal.screen()


def test_no_bar_shows_where_the_data_do(terminal: Any) -> None:
    with redirect_stderr(terminal.end):
        with progress(3, hidden=True) as done:
            done()
        print("nothing but this", file=terminal.end)
    assert terminal.screen() == "nothing but this\r\n"


def test_a_closed_pipe_ends_quietly(env: dict[str, str], capfd: Any) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w", encoding="utf-8")
    with CliRunner().isolation(env=env) as (_, err, *_rest), redirect_stdout(stream):
        assert run(app, ["videos"]) == 0
    assert stream.closed
    assert err.getvalue() == b""


def test_a_termination_is_told_and_the_next_one_is_not_ours() -> None:
    @click.command()
    def waits() -> None:
        signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    with CliRunner().isolation() as (_, err, *_rest):
        assert run(waits, []) == 143
    assert err.getvalue() == b"terminated\n"
    assert signal.getsignal(signal.SIGTERM) == before


class _Impatient(io.StringIO):
    """Somebody who interrupts again whenever something is told."""

    def write(self, text: str) -> int:
        signal.raise_signal(signal.SIGINT)
        return super().write(text)


def test_a_second_interrupt_does_not_hide_how_to_go_on() -> None:
    @click.command()
    def interrupted() -> None:
        error = KeyboardInterrupt()
        error.add_note("to go on: ...")
        raise error

    before = signal.getsignal(signal.SIGINT)
    with redirect_stderr(_Impatient()) as err:
        assert run(interrupted, []) == 130
    assert err.getvalue() == "interrupted\nto go on: ...\n"
    assert signal.getsignal(signal.SIGINT) == before


def test_a_bug_is_told_with_its_place_instead_of_a_traceback() -> None:
    @click.command()
    def broken() -> None:
        raise KeyError("x")

    with CliRunner().isolation() as (_, err, *_rest):
        assert run(broken, []) == 1
    told = err.getvalue().decode()
    assert re.fullmatch(
        r"error: KeyError: 'x' \(test_commands.py:\d+\); this is a bug, please report it\n", told
    )


def test_a_missing_library_is_named_with_its_cure() -> None:
    with pytest.raises(SystemExit) as left:
        main("nothing_called_rich_click")
    assert left.value.code == (
        'nothing_called_rich_click is not installed: pip install "tiktok-display[cli]"'
    )


def test_an_interrupt_before_the_command_begins_is_quiet(capfd: Any) -> None:
    with pytest.raises(SystemExit) as left:
        tiktok_display_cli.main("tests.cli.interrupted")
    assert left.value.code == 130
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("args", [["videos"], ["query", "1"], ["demo"], ["spec"]])
def test_data_for_a_closed_stdout_are_an_error(env: dict[str, str], args: list[str]) -> None:
    with CliRunner().isolation(env=env) as (_, err, *_rest), redirect_stdout(None):
        assert run(app, args) == 1
    assert err.getvalue() == b"error: stdout is closed\n"


def test_a_file_needs_no_stdout(env: dict[str, str], tmp_path: Path) -> None:
    with CliRunner().isolation(env=env), redirect_stdout(None):
        assert run(app, ["videos", "--output", str(tmp_path / "a.csv")]) == 0


def test_data_come_also_where_stderr_is_closed(env: dict[str, str], box: Sandbox) -> None:
    with CliRunner().isolation(env=env) as (out, *_), redirect_stderr(None):
        assert run(app, ["videos"]) == 0
    assert ids(out.getvalue().decode()) == truth(box)


@pytest.mark.parametrize(
    "begin", [main, tiktok_display_cli.main, lambda: import_module("tiktok_display.cli.__main__")]
)
def test_main_leaves_with_the_exit_code(begin: Callable[[], object]) -> None:
    with CliRunner().isolation(), pytest.raises(SystemExit) as left:
        begin()
    assert left.value.code in {0, 2}  # whatever the arguments of this test run come to
