"""Several processes at once, one of them killed: the short form of `tests.scale.shards`."""

from pathlib import Path

import pytest

from tests.scale.shards import add_videos, compared, run, staged, with_a_host


@pytest.mark.parametrize("kind", ["postgres", "duckdb"])
def test_nothing_is_lost_or_doubled(kind: str, tmp_path: Path) -> None:
    with staged(kind, 24, tmp_path) as (box, place):
        run(place, 3, {1: 0.3})
        outcome = compared(box, place)
        assert outcome.is_good, outcome
        add_videos(box, place)
        run(place, 3, {})
        outcome = compared(box, place)
        assert outcome.is_good, outcome
        secrets = [place.app["TIKTOK_DISPLAY_CLIENT_SECRET"], place.address.split("@")[0]]
        files = [path.read_bytes() for path in Path(place.folder).rglob("*") if path.is_file()]
        assert files
        assert not any(secret.encode() in file for secret in secrets for file in files)


def test_a_folder_instead_of_a_host_is_told_dlt_in_its_way() -> None:
    assert (
        with_a_host("postgresql://me:pw@/db?host=/run")
        == "postgresql://me:pw@localhost/db?host=/run"
    )
    assert with_a_host("postgresql://me:pw@there:5433/db") == "postgresql://me:pw@there:5433/db"
