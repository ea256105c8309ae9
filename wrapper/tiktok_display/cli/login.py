"""A login: the creator's browser is sent to TikTok, and comes back with their consent."""

import getpass
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

import rich_click as click
from attrs import frozen

from .. import ApiError, AppCredentials, ConfigurationError, TokenStore
from ..auth import (
    AuthorizationRequest,
    Callback,
    Login,
    authorization_url,
    exchange_code,
    read_callback,
)
from ..auth.pkce import Pkce
from .exits import LoginNeeded, notice
from .formats import plain
from .listener import Listener, free_port, redirect_uri
from .listing import local

VIDEOS = "video.list"  # the scope that this command line needs

_TRIES = 5
_LONGEST_PASTE = 65_536  # characters


@frozen
class Question:
    """What the creator is asked, and where they come back to."""

    scopes: tuple[str, ...]
    pkce: Pkce = "hex"
    port: int = 0  # any free one

    def ask(self, app: AppCredentials, port: int, how: str) -> AuthorizationRequest:
        """The page to send them to; it is shown as well, for a browser cannot always be opened."""
        request = authorization_url(app, redirect_uri(port), scopes=self.scopes, pkce=self.pkce)
        notice(how)
        click.echo(request.url, err=True)
        return request


def with_browser(
    app: AppCredentials,
    store: TokenStore,
    question: Question,
    *,
    seconds: float,
    browser: Callable[[str], object] = webbrowser.open,
) -> Login:
    """A login whose answer the browser brings to this machine, within ``seconds``.

    Raises:
        LoginNeeded: nobody came back.
        ApiError: the creator did not agree, or TikTok does not take the code.
        OSError: the port is taken.
    """
    with Listener(question.port) as listener:
        request = question.ask(app, listener.port, "open this address, if your browser has not:")
        # In a thread, for some browsers keep their caller until they are closed.
        threading.Thread(target=_open, args=(browser, request), daemon=True).start()
        answer = listener.wait(lambda address: _unless_strange(request, address), seconds)
    if answer is None:
        raise LoginNeeded(f"nobody came back from TikTok within {seconds:g} s")
    return _exchanged(app, store, request, answer)


def with_paste(
    app: AppCredentials, store: TokenStore, question: Question, *, paste: Callable[[], str]
) -> Login:
    """A login whose answer somebody pastes: the address at which the browser ended."""
    request = question.ask(app, question.port or free_port(), "open this address in a browser:")
    notice("it ends at an address of this machine, where no page is: paste that address here")
    for _ in range(_TRIES):
        answer = _judged(request, paste())
        if not isinstance(answer, ConfigurationError):
            return _exchanged(app, store, request, answer)
        notice(f"not that one: {answer}")
    raise LoginNeeded(f"none of {_TRIES} addresses was the one that this login ends at")


def pasted(stdin: TextIO | None, hidden: Callable[[str], str] = getpass.getpass) -> str:
    """A line of ``stdin``. Typed at a terminal it does not show, for it holds the code."""
    try:
        if stdin is not None and stdin.isatty():
            return hidden("address (it will not show): ")
        line = "" if stdin is None else stdin.readline(_LONGEST_PASTE)
    except EOFError:
        line = ""
    except UnicodeError:
        return ""  # a line, but no address
    if not line:
        raise LoginNeeded("stdin has ended before an address came")
    return line


def told(login: Login) -> list[str]:
    """What to say of a login, a line each."""
    credentials = login.credentials
    until = local(credentials.consent_ends_at())
    return [
        f"logged in: {plain(credentials.open_id)}",
        f"granted:   {plain(', '.join(login.granted)) or 'nothing'}",
        f"until:     {until}; then the creator must log in again",
    ]


def warned(login: Login) -> list[str]:
    """What will not work with it, a line each."""
    warnings = []
    if login.missing:
        warnings.append(f"warning: not granted: {', '.join(login.missing)}")
    if VIDEOS not in login.granted:
        warnings.append(f"warning: without {VIDEOS} no videos can be listed; log in again with it")
    return warnings


def _open(browser: Callable[[str], object], request: AuthorizationRequest) -> None:
    with suppress(webbrowser.Error, OSError):  # the address is on the screen as well
        browser(request.url)


def _judged(
    request: AuthorizationRequest, address: str
) -> Callback | ApiError | ConfigurationError:
    """What an address says; an error as a value, without the frames that know the address."""
    try:
        return read_callback(address.strip(), state=request.state)
    except (ApiError, ConfigurationError) as error:
        return error.with_traceback(None)


def _unless_strange(request: AuthorizationRequest, address: str) -> Callback | ApiError | None:
    """The same, with nothing to say of what does not belong to this login."""
    answer = _judged(request, address)
    return None if isinstance(answer, ConfigurationError) else answer


def _exchanged(
    app: AppCredentials,
    store: TokenStore,
    request: AuthorizationRequest,
    answer: Callback | ApiError,
) -> Login:
    if isinstance(answer, ApiError):
        raise answer
    return exchange_code(
        app,
        store,
        code=answer.code,
        redirect_uri=request.redirect_uri,
        code_verifier=request.code_verifier,
        scopes=request.scopes,
    )
