"""Logging in: by a browser, by pasting, and in all the ways that it can fail."""

import contextlib
import io
import re
import threading
import traceback
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from click.testing import CliRunner

from tests.cli.browsing import LONG, follow, page_on, sent_back
from tiktok_display import ApiError, AppCredentials, MemoryTokenStore
from tiktok_display.auth import Login
from tiktok_display.cli.exits import LoginNeeded
from tiktok_display.cli.login import Question, pasted, told, warned, with_browser, with_paste
from tiktok_display.sandbox import Sandbox

BOTH = ("user.info.basic", "video.list")


@pytest.fixture
def app(box: Sandbox) -> AppCredentials:
    return AppCredentials(box.app.client_key, box.app.client_secret)


@attrs.frozen
class Desk:
    """Where somebody with an app works; what comes on stderr is kept."""

    app: AppCredentials
    env: dict[str, str]
    store: MemoryTokenStore = attrs.field(factory=MemoryTokenStore)
    shown: io.BytesIO = attrs.field(factory=io.BytesIO)

    def browse(self, browser: Callable[[str], object], seconds: float = LONG) -> Login:
        with self._working():
            return with_browser(
                self.app, self.store, Question(BOTH), seconds=seconds, browser=browser
            )

    def paste(self, answer: Callable[[str], str]) -> Login:
        with self._working() as err:
            return with_paste(
                self.app,
                self.store,
                Question(BOTH),
                paste=lambda: answer(page_on(err.getvalue().decode())),
            )

    @contextlib.contextmanager
    def _working(self) -> Iterator[io.BytesIO]:
        with CliRunner().isolation(env=self.env) as (_, err, *_rest):
            yield err
            self.shown.write(err.getvalue())


@pytest.fixture
def desk(app: AppCredentials, app_env: dict[str, str]) -> Desk:
    return Desk(app, app_env)


def test_a_browser_that_comes_back_logs_the_creator_in(desk: Desk, box: Sandbox) -> None:
    login = desk.browse(follow)
    assert login.credentials.open_id == box.creators[0].open_id
    assert (login.granted, login.missing) == (BOTH, ())
    assert list(desk.store.keys()) == [login.credentials.key]


def test_the_address_to_open_is_shown_whole_and_alone_on_its_line(desk: Desk) -> None:
    opened: list[str] = []

    def browser(url: str) -> None:
        opened.append(url)
        follow(url)

    desk.browse(browser)
    how, *address = desk.shown.getvalue().decode().splitlines()
    assert how == "open this address, if your browser has not:"
    assert address == opened
    query = parse_qs(urlsplit(opened[0]).query)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/callback/", query["redirect_uri"][0])
    assert query["scope"] == ["user.info.basic,video.list"]


def test_strangers_at_the_port_do_not_end_a_login(desk: Desk) -> None:
    answers: list[int] = []

    def browser(url: str) -> None:
        home = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        tried = (f"{home}?code=theirs&state=theirs", f"{home}?error=access_denied", home)
        answers.extend(follow(address).status_code for address in tried)
        follow(url)

    assert desk.browse(browser).granted == BOTH
    assert answers == [400, 400, 400]


def test_a_creator_who_says_no_ends_the_login_with_what_tiktok_says(
    desk: Desk, box: Sandbox
) -> None:
    box.consent = "deny"
    with pytest.raises(ApiError) as refused:
        desk.browse(follow)
    assert refused.value.code == "access_denied"


def test_nobody_is_waited_for_longer_than_was_said(desk: Desk) -> None:
    with pytest.raises(LoginNeeded, match=r"nobody came back from TikTok within 0\.05 s"):
        desk.browse(str, seconds=0.05)


@pytest.mark.parametrize("error", [webbrowser.Error("none"), OSError("none")])
def test_where_no_browser_can_be_opened_somebody_may_still_come(
    desk: Desk, error: Exception
) -> None:
    def browser(url: str) -> None:
        follow(url)
        raise error

    assert desk.browse(browser).granted == BOTH


def test_a_browser_that_keeps_its_caller_holds_nothing_up(desk: Desk) -> None:
    closed = threading.Event()

    def browser(url: str) -> None:
        follow(url)
        closed.wait(LONG)

    assert desk.browse(browser).granted == BOTH
    closed.set()


def test_no_secret_shows_where_the_code_is_refused(desk: Desk, box: Sandbox) -> None:
    addresses: list[str] = []

    def late(url: str) -> str:
        addresses.append(sent_back(url))
        box.advance(hours=1)
        return addresses[0]

    with pytest.raises(ApiError) as refused:
        desk.paste(late)
    assert refused.value.code == "invalid_grant"
    report = traceback.TracebackException.from_exception(refused.value, capture_locals=True)
    ours = [frame for frame in report.stack if "tiktok_display" in Path(frame.filename).parts]
    locals_ = "".join(str(frame.locals) for frame in ours)
    assert "request" in locals_
    said = parse_qs(urlsplit(addresses[0]).query)
    secrets = (said["code"][0], said["state"][0], desk.app.client_secret)
    assert not [secret for secret in secrets if secret in locals_]


class _Terminal:
    def isatty(self) -> bool:
        return True


def test_what_is_typed_at_a_terminal_does_not_show() -> None:
    asked: list[str] = []

    def hidden(prompt: str) -> str:
        asked.append(prompt)
        return "typed"

    assert pasted(_Terminal(), hidden) == "typed"  # type: ignore[arg-type]
    assert asked == ["address (it will not show): "]


def test_the_end_of_what_is_typed_or_a_closed_stdin_ends_it() -> None:
    def ends(_: str) -> str:
        raise EOFError

    for stdin in (_Terminal(), None):
        with pytest.raises(LoginNeeded, match="stdin has ended"):
            pasted(stdin, ends)  # type: ignore[arg-type]


def test_a_login_of_which_tiktok_says_little_is_told_all_the_same() -> None:
    class Unknown:
        open_id = "a\x1b[2J"

        def consent_ends_at(self) -> None:
            return None

    login = Login(Unknown(), (), ())  # type: ignore[arg-type]
    assert told(login) == [
        "logged in: a\ufffd[2J",
        "granted:   nothing",
        "until:     unknown; then the creator must log in again",
    ]
    assert len(warned(login)) == 1
