"""What the environment confides, such as a proxy's password, hangs on no error of ours."""

import os
import subprocess
import sys

import pytest

from tiktok_display import ConfigurationError, DisplayClient
from tiktok_display.transport.origin import origin_of

REPORT = """
import traceback
from tiktok_display import ConfigurationError, DisplayClient
try:
    DisplayClient("act.x")
except ConfigurationError as error:
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    print(report.__context__, "password" in str([frame.locals for frame in report.stack]))
"""


def test_a_proxy_that_is_none_can_be_reported_with_all_locals_and_shows_no_password() -> None:
    done = subprocess.run(
        [sys.executable, "-c", REPORT],
        env={**os.environ, "HTTPS_PROXY": "ftp://user:password@proxy"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("None False", "")


@pytest.mark.parametrize("url", ["https://user:password@a.example:port", "http://a..example"])
def test_what_is_said_of_a_base_url_does_not_hang_on_our_error(url: str) -> None:
    for make in (lambda: origin_of(url, 5), lambda: DisplayClient("act.x", base_url=url)):
        with pytest.raises(ConfigurationError) as caught:
            make()
        assert caught.value.__context__ is None
