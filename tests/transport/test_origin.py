"""Where requests may go."""

import os
import subprocess
import sys

import pytest

from tiktok_display import ConfigurationError, DisplayClient
from tiktok_display.transport.origin import _made, origin_of, proxy_of, seconds, ssl_context


@pytest.mark.parametrize(
    "url",
    [
        "https://open.tiktokapis.com",
        "https://gateway.example/tiktok/",
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:8080/",
    ],
)
def test_https_anywhere_and_http_on_this_machine_are_origins(url: str) -> None:
    assert origin_of(url, 5).base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://open.tiktokapis.com",
        "http://127.0.0.1.example",
        "ftp://127.0.0.1",
        "open.tiktokapis.com",
        "https://user:secret@open.tiktokapis.com",
        "https://open.tiktokapis.com?x=1",
        "https://open.tiktokapis.com#x",
        "https://",
        "https://a.example:port",
        "https://a.example:99999",
        "https://a..b",
        "https://xn--a",
        f"https://{'a' * 64}.example",
        "http://\x00",
        7,
    ],
)
def test_anything_else_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        origin_of(url, 5)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", [0, -1, float("nan"), 1e300, True, "5", None])
def test_a_timeout_is_a_number_above_zero_and_a_day_at_most(value: float) -> None:
    with pytest.raises(ConfigurationError):
        seconds("timeout", value)


def test_there_is_one_tls_context_a_process() -> None:
    assert ssl_context() is ssl_context()


def run(program: str, **environment: str) -> str:
    """What a program prints in a process with this environment."""
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


def test_the_base_url_falls_back_to_the_environment() -> None:
    program = (
        "from tiktok_display.transport.origin import origin_of; print(origin_of(None, 1).base_url)"
    )
    assert run(program, TIKTOK_DISPLAY_BASE_URL="http://127.0.0.1:9") == "http://127.0.0.1:9"
    assert run(program, TIKTOK_DISPLAY_BASE_URL="") == "https://open.tiktokapis.com"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("HTTPS_PROXY", "ftp://user:secret@proxy.example", "URL of a proxy"),
        ("HTTPS_PROXY", "http://user:secret@proxy.example:port", "URL of a proxy"),
        ("ALL_PROXY", "socks5://user:secret@proxy.example:1", "httpx[socks]"),
        ("SSL_CERT_FILE", "/secret/nowhere.pem", "SSL_CERT_FILE"),
    ],
)
@pytest.mark.parametrize("client", ["DisplayClient", "AsyncDisplayClient"])
def test_what_is_wrong_with_the_environment_is_said_without_its_secrets(
    client: str, variable: str, value: str, said: str
) -> None:
    program = (
        f"import tiktok_display\ntry: tiktok_display.{client}('act.x')\n"
        "except tiktok_display.ConfigurationError as error: print(error)"
    )
    told = run(program, **{variable: value})
    assert said in told
    assert "secret" not in told


@pytest.mark.parametrize("trouble", [ImportError("x"), OSError("x"), ValueError("x")])
def test_whatever_the_environment_does_to_a_client_is_a_configuration_error(
    trouble: Exception,
) -> None:
    def make() -> None:
        raise trouble

    with pytest.raises(ConfigurationError) as caught:
        _made(make)
    assert caught.value.__context__ is None


PROXIED = """
import socket, threading
from tiktok_display import DisplayClient, RetryPolicy, TransportError
proxy = socket.create_server(("127.0.0.1", 0))
import os
os.environ["HTTPS_PROXY"] = os.environ["HTTP_PROXY"] = f"http://127.0.0.1:{proxy.getsockname()[1]}"
def serve():
    peer, _ = proxy.accept()
    print(peer.recv(999).split(b"\\r\\n")[0].decode(), flush=True)
    peer.close()
threading.Thread(target=serve, daemon=True).start()
from tiktok_display.sandbox import Sandbox
with Sandbox(seed=7) as box:
    creator = box.creators[0]
    with DisplayClient(creator.access_token, base_url=box.base_url) as client:
        print(len(list(client.list_videos(max_items=1))), flush=True)
try:
    with DisplayClient("act.x", retry=RetryPolicy(attempts=1)) as client:
        client.query_videos(["1"])
except TransportError as error:
    print(error)
"""


def test_proxies_of_the_environment_are_honoured_but_not_for_this_machine() -> None:
    lines = run(PROXIED, NO_PROXY="", no_proxy="").splitlines()
    assert lines[0] == "1"
    assert lines[1] == "CONNECT open.tiktokapis.com:443 HTTP/1.1"
    assert "Error" in lines[2]


@pytest.mark.parametrize(
    ("found", "url"),
    [
        ({"https": "http://a.example:1", "all": "http://b.example"}, "http://a.example:1"),
        ({"all": "b.example:2", "http": "http://c.example"}, "http://b.example:2"),
        ({"http": "http://c.example", "no": "x"}, None),
    ],
)
def test_the_proxy_is_that_of_the_scheme_or_the_one_for_all(
    found: dict[str, str], url: str | None
) -> None:
    proxy = proxy_of("https", found)
    assert (None if proxy is None else str(proxy.url)) == url


def test_a_client_checks_where_it_is_to_go_before_anything_is_sent() -> None:
    with pytest.raises(ConfigurationError):
        DisplayClient("act.x", base_url="http://tiktok.example")
    with pytest.raises(ConfigurationError):
        DisplayClient("act.x", deadline=0)
