"""The SQLite store: its file, its leases among processes, and what can go wrong on a disk."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from attrs import evolve

from tests.auth.test_tokens import RECORD
from tests.stores.conftest import Clock
from tiktok_display import ConfigurationError, TokenRecord, TokenStoreError
from tiktok_display.stores import Key
from tiktok_display.stores.database import _make_table
from tiktok_display.stores.sqlite import SqliteTokenStore

KEY = Key("app", "creator")
NEXT = evolve(RECORD, access_token="act.2", refresh_token="rft.2")
UNIX = pytest.mark.skipif(os.name != "posix", reason="modes, signals and forks as Unix has them")

Told = Callable[[BaseException], str]

# What the scripts of other processes begin with; the database is their only argument.
PRELUDE = """
import os, sys, threading
from attrs import evolve
from tiktok_display import TokenRecord, TokenStoreError
from tiktok_display.stores import Key
from tiktok_display.stores.sqlite import SqliteTokenStore
KEY = Key("app", "creator")
def pair(number):
    return TokenRecord(
        access_token=f"act.{number}", refresh_token=f"rft.{number}", expires_at=0.0, lifetime=0.0
    )
store = SqliteTokenStore(sys.argv[1])
def begin(owner):
    return store.begin(KEY, replaces=store.read(KEY), owner=owner, lease=30.0)
"""


@contextmanager
def running(script: str, database: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another Python, at work on the database; killed at the end."""
    with subprocess.Popen(
        # From Python 3.12 on a fork beside threads is warned of.
        [sys.executable, "-W", "ignore:This process", "-c", PRELUDE + script, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def output(script: str, database: Path) -> list[str]:
    """What a script prints, which has to end well."""
    with running(script, database) as process:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        return out.split()


def go_on(process: "subprocess.Popen[str]") -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def begin(
    store: SqliteTokenStore, owner: str = "a", replaces: TokenRecord = RECORD, lease: float = 30.0
) -> TokenRecord | None:
    return store.begin(KEY, replaces=replaces, owner=owner, lease=lease)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def signs(database: Path) -> list[str]:
    """The signs of life beside a database."""
    return [path.name for path in database.parent.iterdir() if "-holder-" in path.name]


@pytest.mark.parametrize("path", ["", ":memory:", "a\0b", b"tokens.db"])
def test_a_path_that_names_no_file_is_refused(path: str) -> None:
    with pytest.raises(ConfigurationError):
        SqliteTokenStore(path)


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A process that leaves everything it makes open to everybody."""
    before = os.umask(0)
    yield
    os.umask(before)


@UNIX
@pytest.mark.usefixtures("open_umask")
def test_what_it_makes_is_open_to_nobody_else(tmp_path: Path) -> None:
    database = tmp_path / "deep" / "down" / "tokens.db"
    store = SqliteTokenStore(database)
    store.put(KEY, RECORD)
    assert begin(store)
    with closing(sqlite3.connect(database)) as reader:  # while it is open, the log stays
        assert reader.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert len(reader.execute("SELECT * FROM records").fetchall()) == 1
        (sign,) = signs(database)
        names = {"tokens.db", "tokens.db-wal", "tokens.db-shm", sign}
        assert {path.name: mode(path) for path in database.parent.iterdir()} == dict.fromkeys(
            names, 0o600
        )
    assert (mode(database.parent), mode(database.parent.parent)) == (0o700, 0o700)


@UNIX
def test_what_was_there_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o750)
    database = folder / "tokens.db"
    database.touch()
    database.chmod(0o660)
    SqliteTokenStore(database).put(KEY, RECORD)
    assert (mode(folder), mode(database)) == (0o750, 0o660)


def test_nothing_stays_beside_a_closed_database(database: Path) -> None:
    with SqliteTokenStore(str(database)) as store:
        store.put(KEY, RECORD)
        assert begin(store)
        assert store.commit(KEY, NEXT, replaces=RECORD)
    assert list(database.parent.iterdir()) == [database]


def test_a_deleted_token_is_gone_from_the_file(database: Path) -> None:
    store = SqliteTokenStore(database)
    store.put(KEY, RECORD)
    assert b"rft.1" in database.read_bytes()
    assert store.commit(KEY, NEXT, replaces=RECORD)
    assert b"rft.1" not in database.read_bytes()
    store.delete(KEY)
    assert b"rft.2" not in database.read_bytes()


def test_anyone_can_read_the_columns(database: Path) -> None:
    store = SqliteTokenStore(database, clock=Clock(1_000.0))
    store.put(KEY, RECORD)
    assert begin(store)
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        (row,) = map(dict, connection.execute("SELECT * FROM records"))
    assert signs(database) == [f"tokens.db-holder-{row.pop('lease_holder')}"]
    assert row == {
        "client_key": "app",
        "open_id": "creator",
        "access_token": "act.1",
        "refresh_token": "rft.1",
        "expires_at": 8_200.0,
        "lifetime": 7_200.0,
        "refresh_expires_at": 50_000.0,
        "scope": '["video.list"]',
        "needs_login": None,
        "intent": 1,
        "retry_at": None,
        "lease_owner": "a",
        "lease_from": 1_000.0,
        "lease_until": 1_030.0,
    }


@UNIX
def test_two_names_of_one_file_are_one_store(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "tokens.db").symlink_to("real/tokens.db")
    one = SqliteTokenStore(tmp_path / "link" / "tokens.db")
    other = SqliteTokenStore(tmp_path / "tokens.db")
    one.put(KEY, RECORD)
    assert begin(one)
    assert begin(other, "b") is None


# Leases


def test_a_lease_from_before_a_reboot_is_over(database: Path) -> None:
    holder = SqliteTokenStore(database, clock=Clock(90_000.0))
    holder.put(KEY, RECORD)
    assert begin(holder)
    assert begin(SqliteTokenStore(database, clock=Clock(90_001.0)), "b") is None
    assert begin(SqliteTokenStore(database, clock=Clock(5.0)), "b")


def test_a_longer_lease_of_another_version_holds(database: Path) -> None:
    store = SqliteTokenStore(database, clock=Clock())
    store.put(KEY, RECORD)
    assert begin(store, lease=60.0)
    assert begin(store, "b", lease=10.0) is None


@UNIX
def test_a_killed_owner_delays_nobody(database: Path) -> None:
    store = SqliteTokenStore(database)
    store.put(KEY, RECORD)
    with running("print(bool(begin('dead')), flush=True); sys.stdin.read()", database) as process:
        assert line(process) == "True"
        assert begin(store) is None
        process.kill()
        process.wait(20)
        assert begin(store) == evolve(RECORD, intent=True)
    assert signs(database) == [f"tokens.db-holder-{store._presence.name}"]


@UNIX
def test_a_frozen_owner_delays_others_until_its_lease_is_over(database: Path) -> None:
    store = SqliteTokenStore(database)
    store.put(KEY, RECORD)
    with running("print(bool(begin('frozen')), flush=True); sys.stdin.read()", database) as process:
        assert line(process) == "True"
        process.send_signal(signal.SIGSTOP)
        assert begin(store) is None
        later = SqliteTokenStore(database, clock=lambda: time.monotonic() + 30.0)
        assert begin(later, "b") == evolve(RECORD, intent=True)


def test_an_owner_that_ends_in_order_leaves_nothing(database: Path) -> None:
    SqliteTokenStore(database).put(KEY, RECORD)
    assert output("print(bool(begin('a')))", database) == ["True"]
    assert signs(database) == []
    assert begin(SqliteTokenStore(database))


def test_a_closed_store_keeps_its_sign_while_a_lease_counts_on_it(database: Path) -> None:
    clock = Clock()
    other, store = SqliteTokenStore(database, clock=clock), SqliteTokenStore(database, clock=clock)
    for open_id in ("creator", "second"):
        store.put(Key("app", open_id), RECORD)
        assert store.begin(Key("app", open_id), replaces=RECORD, owner="a", lease=30.0)
    store.close()
    assert store.commit(KEY, NEXT, replaces=RECORD)
    assert len(signs(database)) == 1
    assert other.begin(Key("app", "second"), replaces=RECORD, owner="b", lease=30.0) is None
    store.fail(Key("app", "second"), "a", intent=False)
    assert signs(database) == []


def test_a_closed_store_keeps_no_sign_for_a_lease_that_is_over(database: Path) -> None:
    clock = Clock()
    store = SqliteTokenStore(database, clock=clock)
    store.put(KEY, RECORD)
    assert begin(store)
    clock.advance(30.0)
    store.close()
    assert signs(database) == []


def test_a_store_whose_disk_is_gone_closes_quietly(database: Path) -> None:
    store = SqliteTokenStore(database)
    store.put(KEY, RECORD)
    assert begin(store)
    database.write_bytes(b"no database at all" * 100)
    store.close()
    assert len(signs(database)) == 1


def test_where_nobody_can_show_a_sign_the_lease_alone_counts(database: Path) -> None:
    def refuse(_: int) -> None:
        raise ImportError

    clock = Clock()
    store = SqliteTokenStore(database, clock=clock)
    store._presence._lock = refuse
    store.put(KEY, RECORD)
    assert begin(store)
    assert signs(database) == []
    assert begin(SqliteTokenStore(database, clock=clock), "b") is None
    clock.advance(30.0)
    assert begin(SqliteTokenStore(database, clock=clock), "b")


# Processes


@UNIX
def test_of_many_processes_one_makes_the_database_and_one_begins(database: Path) -> None:
    script = """
sys.stdin.readline()
store.put(Key("app", str(os.getpid())), pair(1))
print("put", flush=True)
sys.stdin.readline()
begun = []
threads = [threading.Thread(target=lambda n=n: begun.append(begin(str(n)))) for n in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(sum(record is not None for record in begun), flush=True)
sys.stdin.read()
"""
    with ExitStack() as stack:
        processes = [stack.enter_context(running(script, database)) for _ in range(4)]
        for process in processes:
            go_on(process)
        assert [line(process) for process in processes] == ["put"] * 4
        store = SqliteTokenStore(database)
        assert set(store.keys()) == {Key("app", str(process.pid)) for process in processes}
        store.put(KEY, RECORD)
        for process in processes:
            go_on(process)
        assert sorted(line(process) for process in processes) == ["0", "0", "0", "1"]
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_table_that_another_process_has_just_made_stays(database: Path) -> None:
    store = SqliteTokenStore(database)
    store.put(KEY, RECORD)
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        _make_table(connection)
    assert store.read(KEY) == RECORD


@UNIX
def test_a_record_is_whole_after_its_writer_was_killed(database: Path) -> None:
    script = """
store.put(KEY, pair(0))
for number in range(1_000_000):
    store.commit(KEY, pair(number + 1), replaces=pair(number))
    print(number, flush=True)
"""
    for _ in range(3):
        with running(script, database) as process:
            for _ in range(5):
                assert line(process).isdecimal()
            process.kill()
            process.wait(20)
        read = SqliteTokenStore(database).read(KEY)
        assert read
        assert read.access_token.removeprefix("act.") == read.refresh_token.removeprefix("rft.")


@UNIX
def test_a_child_is_forked_between_two_operations_only(database: Path) -> None:
    script = """
over = threading.Event()
def work(number):
    while not over.is_set():
        store.put(Key("app", str(number)), pair(number))
threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
[thread.start() for thread in threads]
for _ in range(10):
    child = os.fork()
    if child == 0:
        store.put(KEY, pair(9))
        os._exit(0 if store.read(KEY) == pair(9) else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
over.set()
[thread.join() for thread in threads]
"""
    assert output(script, database) == ["0"] * 10


@UNIX
def test_a_child_neither_ends_its_parents_lease_nor_outlives_it(database: Path) -> None:
    script = """
begin("parent")
if os.fork() == 0:
    sys.exit()
os.wait()
reader, writer = os.pipe()
if os.fork() == 0:
    store.put(Key("app", "child"), pair(1))
    child = store.begin(Key("app", "child"), replaces=pair(1), owner="child", lease=30.0)
    os.write(writer, b"done")
    sys.stdin.read()
os.read(reader, 4)
print("forked", flush=True)
sys.stdin.read()
"""
    store = SqliteTokenStore(database)
    store.put(KEY, RECORD)
    with running(script, database) as process:
        assert line(process) == "forked"
        assert len(signs(database)) == 2
        assert begin(store) is None
        process.kill()
        process.wait(20)
        assert begin(store) == evolve(RECORD, intent=True)
        child = Key("app", "child")
        record = store.read(child)
        assert record
        assert record.intent
        assert store.begin(child, replaces=record, owner="b", lease=30.0) is None


def test_threads_share_a_store_and_the_file(database: Path) -> None:
    stores = [SqliteTokenStore(database) for _ in range(4)]

    def run(number: int) -> bool:
        key = Key("app", str(number))
        for store in stores:
            store.put(key, RECORD)
        return store.commit(key, NEXT, replaces=RECORD)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(run, range(24)))
    assert len(list(stores[0].keys())) == 24


# Trouble


def refusal(database: Path, told: Told) -> str:
    """What each method says of a database that cannot be used; none quotes a token."""
    store, texts = SqliteTokenStore(database), []
    for act in (
        lambda: store.read(KEY),
        lambda: store.put(KEY, RECORD),
        lambda: begin(store),
        lambda: store.commit(KEY, NEXT, replaces=RECORD),
        lambda: store.fail(KEY, "a", intent=False),
        lambda: store.delete(KEY),
        store.keys,
    ):
        with pytest.raises(TokenStoreError) as caught:
            act()
        report = told(caught.value)
        assert "act." not in report
        assert "rft." not in report
        texts.append(str(caught.value))
    store.close()
    assert len(set(texts)) == 1
    return texts[0]


def execute(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_database_of_a_newer_version_is_refused(database: Path, told: Told) -> None:
    SqliteTokenStore(database).put(KEY, RECORD)
    execute(database, "PRAGMA user_version = 2")
    assert "newer" in refusal(database, told)


def test_a_database_of_something_else_is_left_alone(database: Path, told: Told) -> None:
    execute(database, "CREATE TABLE users (name TEXT)")
    before = database.read_bytes()
    assert "something else" in refusal(database, told)
    assert database.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(database: Path, told: Told) -> None:
    database.write_bytes(b"act. is how a token begins" * 100)
    assert refusal(database, told) == "the SQLite token store: file is not a database"


def test_a_folder_is_refused(tmp_path: Path, told: Told) -> None:
    assert "unable to open" in refusal(tmp_path, told)


def test_a_path_through_a_file_is_refused(tmp_path: Path, told: Told) -> None:
    (tmp_path / "file").touch()
    refusal(tmp_path / "file" / "tokens.db", told)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder that takes no file")
def test_a_folder_that_takes_no_file_is_refused(told: Told) -> None:
    refusal(Path("/proc/self/tokens.db"), told)


@UNIX
def test_a_file_that_cannot_be_written_is_refused() -> None:
    script = """
store.put(KEY, pair(1))
os.chmod(sys.argv[1], 0o400)
if os.geteuid() == 0:  # root may write everywhere
    for path in (sys.argv[1], os.path.dirname(sys.argv[1])):
        os.chown(path, 65534, 65534)
    os.seteuid(65534)
try:
    store.put(KEY, pair(2))
except TokenStoreError as error:
    print(str(error).replace(" ", "_"))
"""
    with tempfile.TemporaryDirectory() as folder:
        (text,) = output(script, Path(folder) / "tokens.db")
    assert text == "the_SQLite_token_store:_attempt_to_write_a_readonly_database"


@UNIX
def test_a_full_disk_leaves_the_record_as_it_was(database: Path) -> None:
    script = """
import resource
store.put(KEY, pair(1))
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
for limit in (0, 100, 5_000, 20_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
    try:
        store.commit(KEY, evolve(pair(2), needs_login="x" * 50_000), replaces=pair(1))
    except TokenStoreError as error:
        text = str(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    print(text.replace(" ", "_"), store.read(KEY) == pair(1))
"""
    said = output(script, database)
    assert said[1::2] == ["True"] * 4
    assert all("disk" in text for text in said[::2])


def test_a_damaged_record_is_told_without_a_word_of_it(database: Path, told: Told) -> None:
    store = SqliteTokenStore(database)
    for column, value in {
        "scope": "'act.no JSON'",
        "access_token": "CAST(x'6163742eff' AS TEXT)",  # not UTF-8
    }.items():
        store.put(KEY, RECORD)
        execute(database, f"UPDATE records SET {column} = {value}")
        with pytest.raises(TokenStoreError) as caught:
            store.read(KEY)
        assert "act." not in told(caught.value)
        assert "cannot hold or read this record" in str(caught.value)


@pytest.mark.parametrize("lifetime", [float("nan"), 10**400])
def test_what_sqlite_cannot_hold_is_refused(database: Path, told: Told, lifetime: float) -> None:
    store = SqliteTokenStore(database)
    with pytest.raises(TokenStoreError) as caught:
        store.put(KEY, evolve(RECORD, lifetime=lifetime))
    assert "act." not in told(caught.value)
    assert store.read(KEY) is None


def test_a_store_survives_the_loss_of_its_file(database: Path) -> None:
    store = SqliteTokenStore(database)
    store.put(KEY, RECORD)
    database.unlink()
    assert store.read(KEY) is None
    store.put(KEY, RECORD)
    assert store.read(KEY) == RECORD


def test_a_writer_waits_for_another_one(database: Path) -> None:
    store = SqliteTokenStore(database)
    store.put(KEY, RECORD)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer = threading.Thread(target=store.put, args=(KEY, NEXT))
        writer.start()
        reader = SqliteTokenStore(database)
        assert reader.read(KEY) == RECORD  # which waits for nobody
        assert writer.is_alive()
        other.execute("COMMIT")
        writer.join(20)
    assert store.read(KEY) == NEXT
