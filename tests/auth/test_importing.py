"""Moving in with tokens that were kept by other means."""

import io
import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.auth.test_consent import APP, locals_shown
from tests.auth.test_refresh import KEY
from tests.auth.test_tokens import Sample, answer
from tiktok_display import ConfigurationError, MemoryTokenStore, TokenRecord, TokenStoreError
from tiktok_display.auth.importing import ImportReport, import_token_answers
from tiktok_display.auth.tokens import serves_until
from tiktok_display.stores import Key

NOW = 1_800_000_000.0


def line(**changes: object) -> str:
    return json.dumps(answer(**changes))


def imported(
    *lines: str, store: MemoryTokenStore | None = None, **options: Any
) -> tuple[ImportReport, dict[str, TokenRecord | None]]:
    """The report, and the records of the store."""
    store = store or MemoryTokenStore()
    report = import_token_answers(APP, store, lines, clock=lambda: NOW, **options)
    return report, {key.open_id: store.read(key) for key in list(store.keys())}


def record_of(*lines: str, **options: Any) -> TokenRecord:
    record = imported(*lines, **options)[1]["creator"]
    assert record is not None
    return record


def test_every_line_is_a_login() -> None:
    report, records = imported(line(open_id="a"), "", "  \n", line(open_id="b") + "\n")
    assert report == ImportReport(2, 0, ())
    assert sorted(records) == ["a", "b"]


def test_a_file_is_read_line_by_line(sample: Sample) -> None:
    said = json.dumps(sample("doc_oauth_token")) + "\r\n" + json.dumps(sample("doc_oauth_refresh"))
    store = MemoryTokenStore()
    assert import_token_answers(APP, store, io.StringIO(said)).imported == 2


def test_expiry_counts_from_the_request_of_the_answer() -> None:
    for record in (
        record_of(line(), sent_at=NOW - 100),
        record_of(line(sent_at=NOW - 100), sent_at=NOW - 9),
        record_of(json.dumps({**answer(), "sent_at": None}), sent_at=NOW - 100),
    ):
        assert (record.access_token, record.refresh_token) == ("act.2", "rft.2")
        assert (record.expires_at, record.lifetime) == (NOW + 7_100, 7_200.0)
        assert record.refresh_expires_at == NOW - 100 + 15_552_000
        assert record.scope == ("user.info.basic", "video.list")


def test_of_a_token_of_unknown_age_nothing_is_promised() -> None:
    record = record_of(line())
    assert (record.expires_at, record.lifetime) == (NOW, 7_200.0)
    assert serves_until(record) < NOW
    assert (record.refresh_expires_at, record.refresh_token) == (None, "rft.2")


def test_a_second_import_does_not_bring_dead_tokens_back() -> None:
    store = MemoryTokenStore()
    record = record_of(line(), store=store)
    rotated = evolve(record, access_token="act.3", refresh_token="rft.3")
    assert store.commit(KEY, rotated, replaces=record)
    report, records = imported(line(), line(open_id="b"), store=store)
    assert report == ImportReport(1, 1, ())
    assert records["creator"] == rotated


def test_a_line_replaces_what_is_stored_where_that_is_wanted() -> None:
    store = MemoryTokenStore()
    imported(line(), store=store)
    report, records = imported(line(access_token="act.3"), store=store, replace=True)
    assert report == ImportReport(1, 0, ())
    record = records["creator"]
    assert record is not None
    assert record.access_token == "act.3"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("hush", "not JSON"),
        ('{"access_token": "hush', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('["hush"]', "not an object"),
        ('{"error": "hush", "error_description": "hush"}', "a failure"),
        (line(access_token=None), "access token"),
        (line(refresh_token=None), "refresh_token"),
        (line(open_id=None), "open_id"),
        (line(open_id="hu\nsh"), "open_id"),
        (line(expires_in=-1), "lifetime"),
        (line(sent_at="hush"), "sent_at"),
        (line(sent_at=True), "sent_at"),
        (line(sent_at=0), "sent_at"),
        (line(sent_at=NOW * 1_000), "sent_at"),
        (line(sent_at=float("nan")), "sent_at"),
        (line(sent_at=10**400), "sent_at"),
    ],
)
def test_a_bad_line_is_named_without_a_quote_and_stops_nothing(wrong: str, why: str) -> None:
    report, records = imported(line(open_id="a"), "", wrong, line(open_id="b"))
    assert (report.imported, report.skipped, sorted(records)) == (2, 0, ["a", "b"])
    [(number, said)] = report.failures
    assert number == 3
    assert why in said
    assert "hush" not in f"{report}"
    assert "act." not in f"{report}"


@given(st.lists(st.text()))
def test_whatever_the_lines_are_they_are_counted(lines: list[str]) -> None:
    report, _ = imported(*lines)
    blank = [line for line in lines if not line.strip()]
    assert len(report.failures) + len(blank) == len(lines)


class Full(MemoryTokenStore):
    """A store with room for two."""

    def put(self, key: Key, record: TokenRecord) -> None:
        if len(list(self.keys())) == 2:
            raise TokenStoreError("disk full")
        super().put(key, record)


def test_a_store_that_fails_ends_it_and_says_how_far_it_came() -> None:
    lines = [line(open_id=name) for name in "abcd"]
    with pytest.raises(TokenStoreError, match="disk full") as caught:
        imported(*lines, store=Full())
    assert caught.value.__notes__ == ["2 logins were imported before line 3"]
    shown = locals_shown(caught.value)
    assert not [secret for secret in ("act.", "rft.", "app-secret") if secret in shown]


def test_one_string_is_no_lines_and_a_moment_to_come_is_no_moment() -> None:
    store = MemoryTokenStore()
    with pytest.raises(ConfigurationError) as caught:
        import_token_answers(APP, store, line())
    assert "act." not in locals_shown(caught.value)
    for wrong in (0.0, NOW * 1_000, float("nan")):
        with pytest.raises(ConfigurationError, match="sent_at"):
            imported(line(), sent_at=wrong)
    assert not list(store.keys())
