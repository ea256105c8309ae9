"""The page that asks for consent: its address, and what comes back from it."""

import base64
import hashlib
import pickle
import string
import traceback
from contextlib import suppress
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_display import ApiError, AppCredentials, ConfigurationError
from tiktok_display.auth.consent import AuthorizationRequest, authorization_url, read_callback
from tiktok_display.auth.pkce import Pkce, challenge_of, is_verifier, new_verifier

APP = AppCredentials("app", "app-secret")
DESKTOP = "http://127.0.0.1:8000/callback/"
STATE = "st&te"
VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)
UNRESERVED = st.text(string.ascii_letters + string.digits + "-._~", min_size=43, max_size=128)


def locals_shown(error: BaseException) -> str:
    """What a report of an error would show of the locals of every frame but the tests'."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in report.stack if "tests" not in frame.filename]
    assert frames
    return " ".join(str(frame.locals) for frame in frames)


def said(request: AuthorizationRequest) -> dict[str, str]:
    """The parameters of the page."""
    found = parse_qs(urlsplit(request.url).query, strict_parsing=True)
    assert all(len(values) == 1 for values in found.values())
    return {name: values[0] for name, values in found.items()}


def test_the_page_is_asked_for_a_code_with_a_state_and_a_challenge() -> None:
    request = authorization_url(APP, DESKTOP, base_url="https://open.tiktokapis.com/")
    assert request.url.startswith("https://www.tiktok.com/v2/auth/authorize/?")
    assert request.code_verifier is not None
    assert said(request) == {
        "client_key": "app",
        "scope": "user.info.basic,video.list",
        "redirect_uri": DESKTOP,
        "state": request.state,
        "response_type": "code",
        "code_challenge": challenge_of(request.code_verifier, "hex"),
        "code_challenge_method": "S256",
    }
    assert (request.redirect_uri, request.scopes) == (DESKTOP, ("user.info.basic", "video.list"))


def test_every_request_has_a_state_and_a_verifier_of_its_own() -> None:
    requests = [authorization_url(APP, DESKTOP) for _ in range(20)]
    assert len({request.state for request in requests}) == 20
    assert len({request.code_verifier for request in requests}) == 20
    assert min(len(request.state) for request in requests) >= 43


def test_a_state_of_the_callers_own_is_sent_as_it_is() -> None:
    request = authorization_url(APP, DESKTOP, state=STATE)
    assert request.state == said(request)["state"] == STATE


def test_a_web_app_may_go_without_a_challenge() -> None:
    request = authorization_url(APP, "https://app.example/tiktok/", pkce="off")
    assert request.code_verifier is None
    assert not {"code_challenge", "code_challenge_method"} & set(said(request))


def test_a_challenge_is_lower_case_hex_as_tiktok_has_it_or_as_the_rfc_has_it() -> None:
    assert challenge_of("a" * 43, "hex") == (
        "66d34fba71f8f450f7e45598853e53bfc23bbd129027cbb131a2f4ffd7878cd0"
    )
    # https://www.rfc-editor.org/rfc/rfc7636#appendix-B
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier, "base64url") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@given(UNRESERVED)
def test_both_kinds_of_challenge_are_the_same_digest(verifier: str) -> None:
    digest = hashlib.sha256(verifier.encode()).digest()
    assert is_verifier(verifier)
    assert bytes.fromhex(challenge_of(verifier, "hex")) == digest
    assert base64.urlsafe_b64decode(challenge_of(verifier, "base64url") + "=") == digest


def test_a_new_verifier_is_one() -> None:
    assert is_verifier(new_verifier())
    for wrong in ("a" * 42, "a" * 129, "a" * 43 + "\n", "ä" * 43, None):
        assert not is_verifier(wrong)


@pytest.mark.parametrize(
    ("base_url", "page"),
    [
        (None, "https://www.tiktok.com/v2/auth/authorize/"),
        ("https://OPEN.tiktokapis.com:443", "https://www.tiktok.com/v2/auth/authorize/"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9/v2/auth/authorize/"),
        ("https://mirror.example/tiktok", "https://mirror.example/tiktok/v2/auth/authorize/"),
    ],
)
def test_the_page_is_tiktoks_or_where_the_api_is(base_url: str | None, page: str) -> None:
    request = authorization_url(APP, DESKTOP, base_url=base_url)
    assert request.url.partition("?")[0] == page


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/tiktok/",
        "https://app.example:8443/tiktok?from=here",
        "https://127.0.0.1:8000/",
        "http://127.0.0.1:8000",
        "http://localhost:1/callback/",
    ],
)
def test_a_redirect_uri_is_taken_character_by_character(uri: str) -> None:
    assert said(authorization_url(APP, uri))["redirect_uri"] == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        None,
        "app.example/tiktok/",
        "/tiktok/",
        "https://",
        "https:///tiktok",
        "https://app.example/#here",
        "https://app.example/#",
        "https://me@app.example/",
        "https://app.example/a b",
        "https://app.exämple/",
        "https://[::1/",
        "http://app.example:80/",
        "http://localhost/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:*/callback/",
        "ftp://localhost:8000/",
    ],
)
def test_a_redirect_uri_to_which_no_browser_can_be_sent_is_refused(uri: str) -> None:
    with pytest.raises(ConfigurationError, match="redirect_uri"):
        authorization_url(APP, uri)


@pytest.mark.parametrize(
    "scopes", ["video.list", [], [""], ["video.list,user"], ["video list"], [7], ["vidéo"]]
)
def test_scopes_are_names(scopes: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="scope"):
        authorization_url(APP, DESKTOP, scopes=scopes)


def test_a_scope_is_asked_for_once() -> None:
    request = authorization_url(APP, DESKTOP, scopes=iter(["video.list", "a", "video.list"]))
    assert (request.scopes, said(request)["scope"]) == (("video.list", "a"), "video.list,a")


def test_another_way_of_pkce_is_refused() -> None:
    way: Pkce = "S256"  # type: ignore[assignment]
    with pytest.raises(ConfigurationError, match="pkce"):
        authorization_url(APP, DESKTOP, pkce=way)


@pytest.mark.parametrize("state", ["", "hush hush", "hush\n", "hüsh", 7])
def test_a_state_is_visible_ascii(state: str) -> None:
    with pytest.raises(ConfigurationError, match="state") as caught:
        authorization_url(APP, DESKTOP, state=state)
    assert "hush" not in locals_shown(caught.value)


def test_a_wrong_argument_shows_no_state() -> None:
    for wrong in ({"base_url": "ftp://x"}, {"scopes": "x"}, {"pkce": "x"}):
        with pytest.raises(ConfigurationError) as caught:
            authorization_url(APP, DESKTOP, state="hush-hush", **wrong)  # type: ignore[arg-type]
        assert "hush" not in locals_shown(caught.value)


def test_what_must_be_kept_shows_nowhere_and_is_not_pickled() -> None:
    request = authorization_url(APP, DESKTOP)
    callback = read_callback("code=hush&state=s", state="s")
    assert request.code_verifier is not None
    for secret in (request.state, request.code_verifier, "hush", "app-secret"):
        assert secret not in f"{request} {callback}"
    for thing in (request, callback):
        with pytest.raises(TypeError, match="secret"):
            pickle.dumps(thing)


@pytest.mark.parametrize(
    "shape", ["https://app.example/cb?%s", "%s", "?%s", "/cb;a=1?from=here&%s", "http://a?%s#there"]
)
@given(code=VISIBLE, state=VISIBLE, names=st.lists(st.sampled_from(["video.list", "a", "b"])))
def test_what_the_page_sends_back_is_read_as_it_was_meant(
    shape: str, code: str, state: str, names: list[str]
) -> None:
    query = urlencode({"code": code, "scopes": ",".join(names), "state": state})
    callback = read_callback(shape.replace("%s", query), state=state)
    assert (callback.code, callback.scopes) == (code, tuple(names))


def test_a_code_is_decoded_once_and_its_own_marks_stay() -> None:
    assert read_callback("code=a*1!2.va%2521?&state=s", state="s").code == "a*1!2.va%21?"


@pytest.mark.parametrize(
    "returned",
    ["", "&state=", "&state=other", "&state=mine%0A", "&state=min%E9", "&state=MINE", "&state=min"],
)
def test_a_callback_with_another_state_or_none_is_refused(returned: str) -> None:
    for answer in ("code=hush", "error=access_denied"):
        with pytest.raises(ConfigurationError, match="state") as caught:
            read_callback(f"https://app.example/?{answer}{returned}", state="mine")
        assert "hush" not in f"{caught.value}{locals_shown(caught.value)}"
        assert "mine" not in f"{caught.value}{locals_shown(caught.value)}"


@pytest.mark.parametrize("kept", ["", "sécret", None])
def test_a_session_that_has_lost_its_state_is_refused(kept: str) -> None:
    with pytest.raises(ConfigurationError, match="state"):
        read_callback(f"code=c&state={kept}", state=kept)


@pytest.mark.parametrize(
    "more", ["code=other", "state=mine", "scopes=a", "error=x", "error_description=x"]
)
def test_a_callback_that_says_a_thing_twice_is_refused(more: str) -> None:
    first = "code=hush&state=mine&scopes=&error=&error_description="
    with pytest.raises(ConfigurationError, match="once") as caught:
        read_callback(f"{first}&{more}", state="mine")
    assert "hush" not in locals_shown(caught.value)


@pytest.mark.parametrize(
    "url", ["state=s", "state=s&code=", "state=s&code=a%20b", "state=s&code=%ff", "state=s&code=a+"]
)
def test_a_callback_without_a_code_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="code"):
        read_callback(url, state="s")


@pytest.mark.parametrize("url", [None, b"state=s&code=c", 7])
def test_a_callback_is_text(url: str) -> None:
    with pytest.raises(ConfigurationError):
        read_callback(url, state="s")


@given(st.text())
def test_whatever_comes_is_a_callback_or_refused(url: str) -> None:
    for query in (url, f"{url}&state=s", f"code={url}&state=s&error={url}"):
        with suppress(ConfigurationError, ApiError):
            assert read_callback(query, state="s").code


def test_a_denial_is_an_error_that_says_so() -> None:
    query = {"error": "access_denied", "error_description": "The user said no.", "state": STATE}
    with pytest.raises(ApiError, match=r"The user said no\.") as caught:
        read_callback(f"{DESKTOP}?{urlencode(query)}", state=STATE)
    assert caught.value.code == "access_denied"


def test_a_description_writes_no_lines_of_its_own_into_a_log() -> None:
    query = {"error": "x", "error_description": "a\r\nb\x1b[2J" + "c" * 999, "state": "s"}
    with pytest.raises(ApiError) as caught:
        read_callback(urlencode(query), state="s")
    assert caught.value.message.startswith("a  b [2Jccc")
    assert len(caught.value.message) == 300
    with pytest.raises(ConfigurationError):
        read_callback("error=a%0Ab&state=s", state="s")
