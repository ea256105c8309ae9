"""The command as a process: signals, pipes, terminals."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tiktok_display.sandbox import Sandbox

Process = Callable[..., "subprocess.Popen[bytes]"]
LIST = "/v2/video/list/"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and pipes as Unix has them")


def truth(box: Sandbox) -> list[str]:
    return [video.id for video in box.creators[0].videos]


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_download_says_how_to_go_on_and_does(
    process: Process, box: Sandbox, tmp_path: Path, sent: int, code: int
) -> None:
    file = tmp_path / "videos.json"
    slow = box.fault(path=LIST, nth=2, drip=0.05, times=1000)
    with process("videos", "--output", str(file)) as download:
        while not slow.applied:
            assert download.poll() is None
        download.send_signal(sent)
        out, err = download.communicate(timeout=20)
    assert (download.returncode, out) == (code, b"")
    what, kept, hint = err.decode().splitlines()
    assert what in {"interrupted", "terminated"}
    assert kept == f"20 videos kept in {file}.part"
    assert [path.name for path in tmp_path.iterdir()] == ["videos.json.part"]
    box.clear_faults()
    with process("videos", "--output", str(file), *hint.split()[-2:]) as download:
        download.communicate(timeout=20)
    assert [video["id"] for video in json.loads(file.read_text())] == truth(box)


def test_a_reader_that_leaves_ends_it_quietly(process: Process, box: Sandbox) -> None:
    with process("videos") as download:
        assert download.stdout
        first = download.stdout.readline()
        download.stdout.close()
        assert download.stderr
        assert download.stderr.read() == b""
        assert download.wait(20) == 0
    assert json.loads(first)["id"] == truth(box)[0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_a_full_disk_is_told_in_a_line(process: Process) -> None:
    with (
        Path("/dev/full").open("w") as full,
        process("videos", stdout=full, stderr=subprocess.PIPE) as download,
    ):
        _, err = download.communicate(timeout=20)
    assert download.returncode == 1
    assert err.decode().splitlines()[0] == "error: No space left on device"


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv"])
def test_a_stdout_that_knows_ascii_alone_is_served(process: Process, kind: str) -> None:
    with process("videos", "--format", kind, env={"PYTHONIOENCODING": "ascii"}) as download:
        out, err = download.communicate(timeout=20)
    assert (download.returncode, err) == (0, b"")
    assert out.isascii()


def test_a_terminal_gets_a_table_as_wide_as_itself(
    process: Process, box: Sandbox, terminal: Any
) -> None:
    termios = pytest.importorskip("termios")
    termios.tcsetwinsize(terminal.end.fileno(), (24, 100))
    args = ("videos", "--max-items", "5")
    with process(*args, env={"COLUMNS": ""}, stdout=terminal.end, stderr=terminal.end) as download:
        assert download.wait(20) == 0
    header, *rows = terminal.screen().splitlines()
    assert header.split() == ["id", "posted", "views", "likes", "title"]
    assert [row.split()[0] for row in rows] == truth(box)[:5]


def test_a_naive_date_is_local_time(process: Process, box: Sandbox) -> None:
    newest = box.creators[0].videos[0].create_time
    with process("videos", "--since", "2026-11-01 20:52", env={"TZ": "Asia/Tokyo"}) as download:
        out, _ = download.communicate(timeout=20)
    since = 1_793_533_920  # that moment in Tokyo
    assert len(out.splitlines()) == sum(v.create_time >= since for v in box.creators[0].videos)
    assert newest < 2_000_000_000


def test_the_end_of_the_calendar_is_refused_where_it_comes_too_early(process: Process) -> None:
    with process("videos", "--until", "9999-12-31 23:00", env={"TZ": "EST5"}) as download:
        out, err = download.communicate(timeout=20)
    assert (download.returncode, out) == (2, b"")
    assert "too far off: name a year from 2 to 9998" in err.decode().splitlines()[0]


def test_the_sandbox_serves_until_it_is_interrupted(process: Process) -> None:
    with process("sandbox", "--seed", "9") as server:
        assert server.stdout
        ready = json.loads(server.stdout.readline())
        env = {
            "TIKTOK_DISPLAY_BASE_URL": ready["base_url"],
            "TIKTOK_DISPLAY_TOKEN": ready["creators"][0]["access_token"],
        }
        with process("videos", env=env) as download:
            out, _ = download.communicate(timeout=20)
        server.send_signal(signal.SIGINT)
        rest, err = server.communicate(timeout=20)
    assert ready["sandbox"] is True
    assert len(out.splitlines()) == ready["creators"][0]["videos"]
    assert (server.returncode, rest) == (0, b"")
    assert err.startswith(b"sandbox: ")


def test_the_library_imports_nothing_of_the_command_line() -> None:
    code = (
        "import sys, tiktok_display; "
        "print([m for m in ('rich_click', 'dateutil', 'uvicorn', 'starlette') "
        "if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


def test_the_script_ends_quietly_when_it_is_interrupted_while_it_loads() -> None:
    code = (
        "import signal, sys, tiktok_display_cli\n"
        "class Impatient:\n"
        "    def find_spec(name, *_):\n"
        "        if name == 'httpx': signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Impatient)\n"
        "tiktok_display_cli.main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")


def test_help_loads_nothing_that_single_commands_need() -> None:
    code = (
        "import sys; from tiktok_display.cli import main; "
        "sys.argv[1:] = ['--help']; "
        "\ntry: main()\nexcept SystemExit: pass\n"
        "print([m for m in ('dateutil', 'uvicorn', 'starlette', 'platformdirs', 'webbrowser') "
        "if m in sys.modules])"
    )
    out = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert out.splitlines()[-1] == "[]"
