"""Files: whole or not at all, and what is left to go on with."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rich_click as click

from tiktok_display import ConfigurationError
from tiktok_display.cli.output import Format, PartFile, target, write_whole
from tiktok_display.sandbox import Sandbox

Command = Callable[..., Any]
LIST = "/v2/video/list/"


def read(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        if file.suffix == ".json":
            return [video["id"] for video in json.load(lines)]
        if file.suffix == ".csv":
            return [row["id"] for row in csv.DictReader(lines)]
        return [json.loads(line)["id"] for line in lines]


def truth(box: Sandbox) -> list[str]:
    return [video.id for video in box.creators[0].videos]


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv"])
def test_a_download_that_failed_goes_on_and_comes_out_whole(
    command: Command, box: Sandbox, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / f"videos.{kind}"
    file.write_text("from yesterday")
    box.fault(path=LIST, nth=2, code="invalid_params")
    ended = command("videos", "--output", str(file))
    assert (ended.code, ended.out) == (1, "")
    error, kept, hint = ended.err.splitlines()
    assert error.startswith("error: ")
    assert kept == f"20 videos kept in {file}.part"
    assert file.read_text() == "from yesterday"
    again = command("videos", "--output", str(file), *hint.split()[-2:])
    assert (again.code, again.out) == (0, "")
    assert again.err == f"going on with {file}.part, which has 20 videos\n"
    assert read(file) == truth(box)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_going_on_repeats_no_video_even_from_an_older_cursor(
    command: Command, box: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "videos.json"
    box.fault(path=LIST, nth=3, code="invalid_params")
    command("videos", "--output", str(file))
    older = 1000 * box.creators[0].videos[0].create_time
    assert command("videos", "--output", str(file), "--cursor", str(older)).code == 0
    assert read(file) == truth(box)


def test_max_items_counts_what_is_there_already(
    command: Command, box: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "videos.jsonl"
    box.fault(path=LIST, nth=2, code="invalid_params")
    hint = command("videos", "--output", str(file)).err.splitlines()[-1].split()[-2:]
    assert command("videos", "--output", str(file), "--max-items", "25", *hint).code == 0
    assert read(file) == truth(box)[:25]


def test_a_cursor_alone_begins_a_new_file(command: Command, box: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "videos.jsonl"
    before = 1000 * box.creators[0].videos[40].create_time
    ended = command("videos", "--output", str(file), "--cursor", str(before))
    assert (ended.code, ended.err) == (
        0,
        f"there is no {file}.part: {file} will hold only what is older than the cursor\n",
    )
    assert set(read(file)) <= set(truth(box)[40:])


def test_a_download_that_brought_nothing_leaves_nothing(
    command: Command, box: Sandbox, tmp_path: Path
) -> None:
    box.fault(path=LIST, code="access_token_invalid")
    ended = command("videos", "--output", str(tmp_path / "videos.json"))
    assert ended.code == 4
    assert "kept" not in ended.err
    assert [path.name for path in tmp_path.iterdir()] == []


def test_what_is_kept_is_not_overwritten_without_a_cursor(command: Command, tmp_path: Path) -> None:
    part = tmp_path / "videos.jsonl.part"
    part.write_text('{"id":"1"}\n')
    ended = command("videos", "--output", str(tmp_path / "videos.jsonl"))
    assert (ended.code, part.read_text()) == (2, '{"id":"1"}\n')
    assert ended.err == (
        f"error: {part} is left of a download: go on with --cursor, or remove it\n"
    )


@pytest.mark.parametrize("left", ["", '{"id":"1'])
def test_without_a_cursor_a_download_begins_anew_where_no_video_is_kept(
    command: Command, box: Sandbox, tmp_path: Path, left: str
) -> None:
    file = tmp_path / "videos.jsonl"
    (tmp_path / "videos.jsonl.part").write_text(left)
    command("videos", "--output", str(file), "--max-items", "2")
    assert read(file) == truth(box)[:2]


@pytest.mark.parametrize("cursor", [[], ["--cursor", "1793000000000"]])
def test_of_two_downloads_to_one_file_the_second_is_refused_and_harms_nothing(
    command: Command, tmp_path: Path, cursor: list[str]
) -> None:
    pytest.importorskip("fcntl")
    file = tmp_path / "videos.jsonl"
    with PartFile(file, goes_on=False) as part:
        part.add({"id": "1"})
        ended = command("videos", "--output", str(file), *cursor)
        part.add({"id": "2"})
        part.finish(Format.JSONL, ("id",))
    assert ended.code == 1
    assert ended.err.splitlines()[0] == f"error: another download writes {file}"
    assert read(file) == ["1", "2"]


def test_two_drafts_of_one_file_are_not_mixed(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    file = tmp_path / "a.csv"

    def interrupted() -> Iterator[str]:
        yield "one"
        with pytest.raises(click.ClickException, match="another download writes"):
            write_whole(file, ["other"])

    write_whole(file, interrupted())
    assert file.read_text() == "one"


def test_a_line_without_its_end_is_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    left = b'{"id":"1"}\n{"title":"no id"}\n{"id":"2'
    (tmp_path / "a.jsonl.part").write_bytes(left)
    with PartFile(file, goes_on=True) as part:
        assert (part.count, part.ids) == (2, {"1"})
        part.add({"id": "3"})
        part.finish(Format.JSONL, ("id",))
    assert file.read_text() == '{"id":"1"}\n{"title":"no id"}\n{"id":"3"}\n'


@pytest.mark.parametrize("foreign", ["my notes\n", "[1]\n"])
def test_a_part_file_of_somebody_else_is_refused(tmp_path: Path, foreign: str) -> None:
    (tmp_path / "a.jsonl.part").write_text(foreign)
    with pytest.raises(ConfigurationError, match="move it out of the way"):
        PartFile(tmp_path / "a.jsonl", goes_on=True)
    assert (tmp_path / "a.jsonl.part").read_text() == foreign


def test_half_a_line_is_cut_off_when_the_writing_is_interrupted(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    with pytest.raises(KeyboardInterrupt), PartFile(file, goes_on=False) as part:
        part.add({"id": "1"})
        part._stream.write(b'{"id":')
        raise KeyboardInterrupt
    assert part.part.read_bytes() == b'{"id":"1"}\n'
    assert not file.exists()


def test_an_interruption_after_the_end_harms_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), PartFile(tmp_path / "a", goes_on=False) as part:
        part.finish(Format.JSONL, ("id",))
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_draft_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    def failing() -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device")

    file = tmp_path / "a.csv"
    file.write_text("whole")
    with pytest.raises(OSError, match="No space"):
        write_whole(file, failing())
    assert file.read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.touch()
    link.symlink_to(real)
    assert target(str(link)) == real.resolve()
    assert target(str(real)) == real


def test_a_folder_that_is_not_there_is_told_in_a_line(command: Command, tmp_path: Path) -> None:
    ended = command("videos", "--output", str(tmp_path / "none" / "a.csv"))
    assert ended.code == 1
    assert ended.err.startswith("error: No such file or directory: ")
