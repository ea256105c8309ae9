"""A login in a real browser, where one is installed."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tiktok_display.sandbox import Sandbox

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
LONG = 120.0  # s; a browser takes its time on a busy machine

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(NAMES)} is installed"),
    pytest.mark.skipif(os.name != "posix", reason="the browser is named as on Unix"),
]


@pytest.fixture
def log_in(
    process: Callable[..., "subprocess.Popen[bytes]"], app_env: dict[str, str], tmp_path: Path
) -> Callable[[], tuple[int, str, str]]:
    """Logs in with the browser, which prints the page where it ends; exit code, stdout, stderr."""
    # Without its own sandbox, which a container's root does not get.
    options = "--headless=new --no-sandbox --disable-gpu --dump-dom"
    browser = f"{BROWSER} {options} --user-data-dir={tmp_path / 'profile'} %s"

    def log_in() -> tuple[int, str, str]:
        with process("login", env={**app_env, "BROWSER": browser}) as login:
            out, err = login.communicate(timeout=LONG)  # the browser has the same stdout
        return login.returncode, out.decode(), err.decode()

    return log_in


def test_a_creator_logs_in_with_a_browser(log_in: Any, box: Sandbox) -> None:
    code, out, err = log_in()
    assert code == 0
    assert f"logged in: {box.creators[0].open_id}\n" in out
    assert "granted:   user.info.basic, video.list\n" in out
    assert (
        "<p>The answer has arrived. The terminal says what came of it; close this page.</p>" in out
    )
    asked = parse_qs(urlsplit(re.findall(r"http://\S+/authorize/\S+", err)[0]).query)
    again = f"{asked['redirect_uri'][0]}?code=again&state={asked['state'][0]}"
    with pytest.raises(httpx.ConnectError):
        httpx.get(again, trust_env=False)


def test_a_creator_who_says_no_sees_the_page_and_the_terminal_says_why(
    log_in: Any, box: Sandbox
) -> None:
    box.consent = "deny"
    code, out, err = log_in()
    assert code == 4
    assert "<p>The answer has arrived." in out
    assert "error: The user denied the request. [code access_denied]\n" in err
