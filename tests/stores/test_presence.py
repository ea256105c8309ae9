"""Signs of life, and work that no fork cuts in two."""

import errno
import gc
import os
import threading
from pathlib import Path

import pytest

from tiktok_display import TokenStoreError, forks
from tiktok_display.stores import turns
from tiktok_display.stores.presence import Presence
from tiktok_display.stores.turns import Turns


def shown(presence: Presence) -> str:
    name = presence.show()
    assert name
    return name


def names(database: Path) -> set[str]:
    return {path.name.removeprefix("tokens.db-holder-") for path in database.parent.iterdir()}


def test_a_sign_is_seen_by_its_own_process_too(database: Path) -> None:
    one, other = Presence(database), Presence(database)
    name = shown(one)
    assert one.show() == name
    assert not other.is_gone(name)
    assert not one.is_gone(name)


def test_a_sign_that_was_taken_down_is_gone(database: Path) -> None:
    one, other = Presence(database), Presence(database)
    name = shown(one)
    one.end()
    one.end()
    assert other.is_gone(name)
    assert names(database) == set()
    assert shown(one) != name


def test_a_sign_that_was_forgotten_is_gone(database: Path) -> None:
    one = Presence(database)
    name = shown(one)
    del one
    gc.collect()
    assert Presence(database).is_gone(name)


def test_what_a_dead_process_has_left_is_removed(database: Path) -> None:
    left, older = "0123456789abcdef", "0" * 16
    for name in (left, older, "notes"):
        (database.parent / f"tokens.db-holder-{name}").touch()
    (database.parent / "other").touch()
    presence = Presence(database)
    assert presence.is_gone(left)
    name = shown(presence)  # removes what nobody asks for by name
    assert names(database) == {name, "notes", "other"}


def test_a_sign_that_somebody_removed_is_put_up_again(database: Path) -> None:
    presence = Presence(database)
    name = shown(presence)
    (database.parent / f"tokens.db-holder-{name}").unlink()
    assert shown(presence) != name


@pytest.mark.parametrize("name", ["", "../tokens.db", "0123456789ABCDEF", "0" * 17])
def test_a_name_that_is_none_of_ours_is_never_touched(database: Path, name: str) -> None:
    assert not Presence(database).is_gone(name)


@pytest.mark.parametrize("trouble", [OSError(errno.ENOLCK, "no locks"), ImportError("fcntl")])
def test_without_locks_there_is_no_sign_and_nobody_is_dead(
    database: Path, trouble: Exception
) -> None:
    def lock(_: int) -> None:
        raise trouble

    other = shown(Presence(database))
    presence = Presence(database, lock)
    assert presence.show() is None
    left = database.parent / f"tokens.db-holder-{other}"
    left.touch()
    assert not presence.is_gone(other)
    assert names(database) == {other}


def test_without_a_folder_there_is_no_sign(tmp_path: Path) -> None:
    assert Presence(tmp_path / "nowhere" / "tokens.db").show() is None


def test_a_sign_that_cannot_be_opened_is_not_taken_for_dead(database: Path) -> None:
    name = "0" * 16
    (database.parent / f"tokens.db-holder-{name}").mkdir()
    assert not Presence(database).is_gone(name)


def test_a_child_makes_a_sign_of_its_own(database: Path) -> None:
    presence, fresh = Presence(database), Presence(database)
    name = shown(presence)
    kept = os.dup(presence._end.peek()[2][1]) if presence._end else -1  # what the parent has
    forks._renew()  # what runs in the child
    presence.after_fork()
    assert presence.name is None
    assert not fresh.is_gone(name)
    assert shown(presence) != name
    assert names(database) == {name, presence.name}
    os.close(kept)


def test_a_turn_comes_or_an_error() -> None:
    mine = Turns(patience=0.01)
    with mine.turn(), pytest.raises(TokenStoreError, match="busy"), mine.turn():
        pytest.fail("two turns at once")
    with mine.turn():
        pass


def test_a_fork_waits_for_the_turn_under_way_and_holds_up_the_next() -> None:
    mine, entered, leave = Turns(patience=5.0), threading.Event(), threading.Event()

    def work() -> None:
        with mine.turn():
            entered.set()
            leave.wait(20)

    worker = threading.Thread(target=work)
    worker.start()
    entered.wait(20)
    forking = threading.Thread(target=turns._before)
    forking.start()
    assert forking.is_alive()
    leave.set()
    forking.join(20)
    worker.join(20)
    late = threading.Thread(target=work)
    entered.clear()
    late.start()
    assert not entered.wait(0.02)
    turns._after()
    assert entered.wait(20)
    late.join(20)


def test_a_child_begins_with_a_turn_of_its_own() -> None:
    mine = Turns(patience=0.01)
    turns._before()
    with pytest.raises(TokenStoreError), mine.turn():
        pytest.fail("a turn amid a fork")
    turns._after_in_child()
    with mine.turn():
        pass


def test_a_fork_does_not_wait_for_ever() -> None:
    mine = Turns(patience=0.01)
    with mine.turn():
        mine.before_fork()
        mine.after_fork()
        mine.after_fork_in_child()
        with mine.turn():
            pass
