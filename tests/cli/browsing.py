"""What somebody does who logs in: with a browser, or by hand."""

import re
from collections.abc import Callable

import httpx

LONG = 30.0  # s; more than any test takes


def follow(url: str) -> httpx.Response:
    """What a browser does."""
    return httpx.get(url, follow_redirects=True, trust_env=False, timeout=LONG)


def sent_back(url: str) -> str:
    """Where a browser is sent by TikTok's page."""
    return str(httpx.get(url, trust_env=False, timeout=LONG).headers["location"])


def page_on(screen: str) -> str:
    """The latest address that somebody is asked to open."""
    return str(re.findall(r"http://\S+/authorize/\S+", screen)[-1])


def typing(*lines: Callable[[str], str]) -> Callable[[str], bytes]:
    """Types what each makes of TikTok's page, one line after the other."""
    left = iter(lines)

    def type_(screen: str) -> bytes:
        line = next(left, None)
        return b"" if line is None else f"{line(page_on(screen))}\n".encode()

    return type_
