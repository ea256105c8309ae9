"""What the command line decides by itself: dates, formats, widths, exit codes."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rich_click as click
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tiktok_display import (
    AccessTokenInvalid,
    ConfigurationError,
    DeadlineExceeded,
    RateLimited,
    ReauthorizationRequired,
    ScopeNotAuthorized,
    ServerError,
    TikTokError,
    TransportError,
    Video,
    VideoField,
)
from tiktok_display.cli.dates import moment
from tiktok_display.cli.exits import LoginNeeded, Terminated, complaint, exit_code
from tiktok_display.cli.formats import (
    FIELDS,
    as_csv,
    as_json,
    as_jsonl,
    json_text,
    plain,
    row_of,
)
from tiktok_display.cli.output import Format, Style, format_for
from tiktok_display.cli.table import as_table, compact, line_of

NOW = datetime(2026, 11, 22, 15, 30).astimezone()  # a Sunday, wherever the tests run
# Letters, wide ones, what steers terminals, half a surrogate pair, what CSV and JSON quote.
TEXT = st.text(st.sampled_from("aé今🍱\x00\x1b\x9b\u202e\u200d\ud800\"',\n\r\t\\=…"), max_size=12)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), TEXT, st.lists(TEXT, max_size=2))
ROWS = st.lists(st.dictionaries(st.sampled_from(FIELDS) | TEXT, VALUES, max_size=4), max_size=3)


def local(*parts: int) -> datetime:
    return datetime(*parts).astimezone()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-01", local(2026, 3, 1)),
        ("1 March 2026 18:30", local(2026, 3, 1, 18, 30)),
        ("2026", local(2026, 1, 1)),
        ("2025-03", local(2025, 3, 1)),
        ("march", local(2026, 3, 1)),
        ("dec 24 2025", local(2025, 12, 24)),
        ("29 feb 2024", local(2024, 2, 29)),
        ("10:30", local(2026, 11, 22, 10, 30)),
        ("10", local(2026, 11, 10)),
        ("2026-03-01T18:30Z", datetime(2026, 3, 1, 18, 30, tzinfo=UTC)),
        ("2026-03-01T18:30+02:00", datetime(2026, 3, 1, 16, 30, tzinfo=UTC)),
        (" Today ", local(2026, 11, 22)),
        ("yesterday", local(2026, 11, 21)),
        ("sunday", local(2026, 11, 22)),
        ("monday", local(2026, 11, 16)),
        ("mon", local(2026, 11, 16)),
        ("thu", local(2026, 11, 19)),
        ("monday 10:00", local(2026, 11, 16, 10)),
        ("sat 9am", local(2026, 11, 21, 9)),
        ("sunday 15:00", local(2026, 11, 22, 15)),
        ("sunday 18:30", local(2026, 11, 15, 18, 30)),
        ("december", local(2025, 12, 1)),
        ("25 dec", local(2025, 12, 25)),
        ("25 dec 2026", local(2026, 12, 25)),
        ("2026-10-20 10:00 UTC+3", datetime(2026, 10, 20, 7, tzinfo=UTC)),
        ("2026-10-20 10:00 GMT+01:00", datetime(2026, 10, 20, 9, tzinfo=UTC)),
        ("2026-10-20 10:00Z+1", datetime(2026, 10, 20, 9, tzinfo=UTC)),
        ("2026-10-20 10:00 UTC -3", datetime(2026, 10, 20, 13, tzinfo=UTC)),
        ("Tue, 20 Oct 2026 10:00 +0200 (CEST)", datetime(2026, 10, 20, 8, tzinfo=UTC)),
        ("now", NOW),
    ],
)
def test_a_date_is_read_as_people_mean_it(text: str, meant: datetime) -> None:
    assert moment(text, NOW) == meant


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "2026-13-45", "99999999999999999999", "29 feb", "1700000000", "10:00 +30:00"],
)
def test_nonsense_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="is no date"):
        moment(text, NOW)


def test_a_time_zone_nobody_knows_is_refused_rather_than_ignored() -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        moment("2026-03-01 10:00 XYZT", NOW)


@pytest.mark.parametrize("text", ["2026-10-20 -08:00", "2026-10-20-08:00", "2026-10-20 -0800"])
def test_an_offset_without_a_time_is_not_read_as_one(text: str) -> None:
    with pytest.raises(ValueError, match="offset without a time"):
        moment(text, NOW)


def test_an_offset_after_the_name_of_a_zone_is_refused_for_its_sign_is_anybodys_guess() -> None:
    with pytest.raises(ValueError, match="write the offset"):
        moment("2026-10-20 10:00 EST+5", NOW)


def test_a_row_has_the_fields_in_the_order_asked_for_and_then_all_that_came() -> None:
    video = Video.from_dict({"is_new": [1], "id": "7", "title": "a", "create_time": 5})
    assert list(row_of(video, ("title", "id", "duration"))) == [
        "title",
        "id",
        "is_new",
        "create_time",
    ]


def test_all_fields_are_known_in_the_order_of_the_documentation() -> None:
    assert set(FIELDS) == set(VideoField)
    assert FIELDS[:2] == ("id", "create_time")


@settings(max_examples=40, deadline=None)
@given(ROWS, st.booleans())
def test_json_and_lines_of_json_are_read_back_as_they_were(
    rows: list[dict[str, object]], bare: bool
) -> None:
    array = "".join(as_json(rows, ascii_only=bare))
    lines = "".join(as_jsonl(rows, ascii_only=bare))
    assert json.loads(array) == rows
    assert [json.loads(line) for line in lines.split("\n")[:-1]] == rows
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", array + lines)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.sampled_from(["utf-8", "ascii", "latin-1", "cp1252"]), st.sampled_from(Format))
def test_no_text_and_no_encoding_makes_the_writing_fail(
    rows: list[dict[str, object]], encoding: str, kind: Format
) -> None:
    text = "".join(Style(kind, ("id", "title"), encoding).pieces(rows))
    assert text.encode(encoding).decode(encoding) == text


def test_an_array_stays_open_where_the_walk_fails() -> None:
    def failing() -> Iterator[dict[str, object]]:
        yield {"id": "7"}
        raise TransportError("gone")

    pieces = as_json(failing())
    assert next(pieces) == '[\n{"id":"7"}'
    with pytest.raises(TransportError):
        next(pieces)


def test_csv_has_the_asked_fields_quoted_and_a_header_even_without_videos() -> None:
    row = {"id": "7", "title": 'a,"b"\r\nc\rd\n', "is_aigc": True, "like_count": -3, "x": {"y": 1}}
    text = "".join(as_csv([row, row], ("title", "id", "is_aigc", "like_count", "x", "duration")))
    assert (
        list(csv.reader(io.StringIO(text, newline="")))[1:]
        == [['a,"b"\r\nc\rd\n', "7", "true", "-3", '{"y":1}', ""]] * 2
    )
    assert "".join(as_csv([], ("id", "title"))) == "id,title\n"


@pytest.mark.parametrize("start", "=+-@\t\r\n\uff1d")
def test_no_text_in_csv_begins_like_a_formula(start: str) -> None:
    (line,) = as_csv([{"title": f"{start}cmd()"}], ("title",))
    assert next(csv.reader(io.StringIO(line.removeprefix("title\n"), newline="")))[0] == (
        f"'{start}cmd()"
    )


def test_csv_carries_no_terminal_sequences() -> None:
    (line,) = as_csv([{"title": "a\x1b[2Jb\x9bc\ttab"}], ("title",))
    assert line == "title\na\ufffd[2Jb\ufffdc\ttab\n"


def test_json_escapes_what_terminals_obey_and_encodings_lack() -> None:
    assert json_text({"t": "\x9b\x7f\ud800é"}) == '{"t":"\\u009b\\u007f\\ud800é"}'


def test_plain_text_steers_no_terminal() -> None:
    assert plain("a\x1b[31m\nb\t c\x9b\u202ed\u200e\ud800 👨\u200d👩") == (
        "a\ufffd[31m b c\ufffdd\ufffd 👨\u200d👩"
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.fixed_dictionaries({"id": TEXT, "create_time": VALUES, "title": TEXT}), max_size=3),
    st.integers(1, 130),
)
def test_no_line_of_a_table_is_wider_than_the_terminal(
    rows: list[dict[str, object]], width: int
) -> None:
    for piece in as_table(rows, ("id", "create_time", "view_count", "title"), width):
        for line in piece.removesuffix("\n").split("\n"):
            assert cell_len(line) <= max(width, len("no videos"))


def test_joiners_without_anything_to_join_are_cut_off_too() -> None:
    assert [cell_len(line_of(["\u200d\u200daa"], width)[:-1]) for width in (1, 2, 3)] == [1, 2, 2]


def test_a_table_lines_up_also_with_wide_characters() -> None:
    second = int(local(2026, 3, 1, 18, 30).timestamp())
    rows = [
        {"id": "1", "create_time": second, "view_count": 12_345, "title": "今日のお弁当🍱" * 9},
        {"id": "2", "create_time": 10**18, "view_count": None, "title": "x", "is_aigc": False},
        {"id": "3", "create_time": "soon", "view_count": "many", "is_aigc": True},
    ]
    table = "".join(as_table(rows, ("id", "create_time", "view_count", "is_aigc", "title"), 80))
    assert table.splitlines() == [
        "id                   posted               views  is_aigc  title",
        "1                    2026-03-01 18:30     12.3K           今日のお弁当🍱今日の …",
        "2                    100000000000000…            no       x",
        "3                    soon                  many  yes",
    ]


def test_a_table_for_a_terminal_without_unicode_says_so_with_question_marks() -> None:
    (text,) = as_table([{"title": "é" * 90}], ("title",), 10, "ascii")
    assert text == "title\n" + "?" * 9 + ">\n"


def test_a_table_without_videos_says_so() -> None:
    assert "".join(as_table([], ("id",), 80)) == "no videos\n"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (999, "999"), (1000, "1.0K"), (999_999, "999.9K"), (4_100_000, "4.1M"),
     (2_147_483_647, "2.1B"), (-5, "-5")],
)  # fmt: skip
def test_counts_are_short(count: int, shown: str) -> None:
    assert compact(count) == shown


@pytest.mark.parametrize(
    ("asked", "path", "on_terminal", "chosen"),
    [
        (None, None, True, "table"),
        (None, None, False, "jsonl"),
        ("csv", None, True, "csv"),
        (None, "a.csv", True, "csv"),
        (None, "a.JSON", True, "json"),
        (None, "a.txt", True, "jsonl"),
        ("json", "a.csv", True, "json"),
        ("table", None, True, "table"),
    ],
)
def test_the_format_suits_whoever_reads_it(
    asked: str | None, path: str | None, on_terminal: bool, chosen: str
) -> None:
    assert format_for(asked, Path(path) if path else None, on_terminal=on_terminal) == chosen


@pytest.mark.parametrize(("path", "on_terminal"), [(Path("a"), True), (None, False)])
def test_a_table_is_for_a_terminal_alone(path: Path | None, on_terminal: bool) -> None:
    with pytest.raises(ConfigurationError, match="terminal"):
        format_for("table", path, on_terminal=on_terminal)


def waited_out() -> DeadlineExceeded:
    error = DeadlineExceeded("late")
    error.status = 429
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ServerError("internal_error"), 1),
        (OSError(28, "No space left on device"), 1),
        (KeyError("x"), 1),
        (click.UsageError("no"), 2),
        (ConfigurationError("no"), 2),
        (AccessTokenInvalid("access_token_invalid"), 4),
        (ScopeNotAuthorized("scope_not_authorized"), 4),
        (ReauthorizationRequired("open-id", "revoked"), 4),
        (LoginNeeded("no token"), 4),
        (RateLimited(), 5),
        (waited_out(), 5),
        (KeyboardInterrupt(), 130),
        (Terminated(), 143),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(error: BaseException, code: int) -> None:
    assert exit_code(error) == code


@pytest.mark.parametrize(
    ("error", "first"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (Terminated(), "terminated"),
        (OSError(28, "No space left on device"), "error: No space left on device"),
        (OSError(2, "No such file", "a/b"), "error: No such file: a/b"),
        (OSError("cannot listen"), "error: cannot listen"),
        (ImportError("needs more"), "error: needs more"),
        (TikTokError("odd"), "error: odd"),
        (KeyError("x"), "error: KeyError: 'x'; this is a bug, please report it"),
    ],
)
def test_an_error_is_told_in_a_line(error: BaseException, first: str) -> None:
    assert complaint(error) == [first]


def test_days_of_the_week_lie_within_the_last_seven() -> None:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    ages = sorted(local(2026, 11, 22) - moment(day, NOW) for day in days)
    assert ages[0] == timedelta(0)
    assert ages[-1] <= timedelta(days=6, hours=1)
