"""The token endpoint, revocation and the authorize page."""

import base64
import hashlib
import json
from typing import Any

import pytest

from tiktok_display.sandbox import Request, Sandbox

DESKTOP = "http://127.0.0.1:8000/callback/"
VERIFIER = "a" * 43


def test_a_login_answers_flat_with_lives_of_two_hours_and_180_days(box: Sandbox) -> None:
    creator = box.creators[0]
    assert creator.token_answer == {
        "access_token": creator.access_token,
        "expires_in": 7_200,
        "open_id": creator.open_id,
        "refresh_expires_in": 15_552_000,
        "refresh_token": creator.refresh_token,
        "scope": "user.info.basic,video.list",
        "token_type": "Bearer",
    }
    assert creator.scope == "user.info.basic,video.list"


def test_no_token_and_no_secret_shows_in_a_repr(talk: Any, box: Sandbox) -> None:
    creator = talk.creator
    secrets = (creator.access_token, creator.refresh_token, box.app.client_secret)
    talk.refresh(creator.refresh_token)
    talk.list()
    shown = repr((creator, box.app, box.requests))
    assert creator.open_id in shown
    assert not [secret for secret in secrets if secret in shown]


def test_a_refresh_replaces_the_pair_and_the_deadline_does_not_move(
    talk: Any, box: Sandbox
) -> None:
    before = dict(talk.creator.token_answer)
    box.advance(hours=1)
    answer = talk.refresh(before["refresh_token"])
    assert answer["refresh_token"] != before["refresh_token"]
    assert answer["access_token"] != before["access_token"]
    assert (answer["expires_in"], answer["refresh_expires_in"]) == (7_200, 15_552_000 - 3_600)
    assert talk.creator.token_answer == answer
    assert (box.token_requests, box.refreshes, box.reuses) == (1, 1, 0)


def test_the_access_token_before_a_refresh_lives_out_its_time(talk: Any, box: Sandbox) -> None:
    before = talk.creator.access_token
    talk.refresh(talk.creator.refresh_token)
    assert talk.list(token=before).status == 200
    box.advance(hours=2)
    assert talk.list(token=before).status == 401


def test_the_access_token_before_a_refresh_can_be_made_to_die_with_it(talk_to: Any) -> None:
    talk = talk_to(Sandbox(refresh_kills_access=True))
    before = talk.creator.access_token
    talk.refresh(talk.creator.refresh_token)
    assert talk.list(token=before).status == 401
    assert talk.list().status == 200


def test_a_replaced_refresh_token_is_dead_and_counted_but_its_successor_lives(
    talk: Any, box: Sandbox
) -> None:
    first = talk.creator.refresh_token
    second = talk.refresh(first)["refresh_token"]
    response = talk.form(
        "/v2/oauth/token/", talk.app(grant_type="refresh_token", refresh_token=first)
    )
    assert response.status == 200
    assert json.loads(response.body) == {
        "error": "invalid_grant",
        "error_description": "Refresh token is invalid or expired.",
        "log_id": response.headers["x-tt-logid"],
    }
    assert box.reuses == 1
    assert "access_token" in talk.refresh(second)


def test_reuse_detection_kills_the_whole_family(talk_to: Any) -> None:
    box = Sandbox(reuse_detection=True)
    talk = talk_to(box)
    first = talk.creator.refresh_token
    second = talk.refresh(first)["refresh_token"]
    assert talk.refresh(first)["error"] == "invalid_grant"
    assert talk.refresh(second)["error"] == "invalid_grant"
    assert talk.list().status == 401
    assert box.reuses == 1


def test_within_the_grace_a_replaced_refresh_token_gets_the_same_pair_again(talk_to: Any) -> None:
    box = Sandbox(refresh_grace=30)
    talk = talk_to(box)
    first = talk.creator.refresh_token
    answer = talk.refresh(first)
    box.advance(seconds=10)
    again = talk.refresh(first)
    assert again["refresh_token"] == answer["refresh_token"]
    assert (again["access_token"], again["expires_in"]) == (answer["access_token"], 7_190)
    assert (box.refreshes, box.reuses) == (1, 0)
    box.advance(seconds=20)
    assert talk.refresh(first)["error"] == "invalid_grant"


def test_the_grace_ends_when_the_successor_is_replaced_too(talk_to: Any) -> None:
    talk = talk_to(Sandbox(refresh_grace=30))
    first = talk.creator.refresh_token
    talk.refresh(talk.refresh(first)["refresh_token"])
    assert talk.refresh(first)["error"] == "invalid_grant"


def test_after_180_days_only_a_new_login_helps(talk: Any, box: Sandbox) -> None:
    box.advance(days=179)
    second = talk.refresh(talk.creator.refresh_token)["refresh_token"]
    box.advance(days=1)
    assert talk.refresh(second)["error"] == "invalid_grant"
    assert box.reuses == 0
    box.login(talk.creator)
    assert talk.list().status == 200


def test_json_is_refused_by_the_token_endpoint_in_the_recorded_words(talk: Any) -> None:
    answer = json.loads(talk.send("/v2/oauth/token/", talk.app()).body)
    assert answer["error"] == "invalid_request"
    assert answer["error_description"] == (
        "Only `application/x-www-form-urlencoded` is accepted as Content-Type."
    )


@pytest.mark.parametrize(
    ("form", "error", "description"),
    [
        ({"client_secret": ""}, "invalid_request", "Client secret is missed in request."),
        ({"client_secret": "x"}, "invalid_client", "Client key or secret is incorrect."),
        ({"client_key": "x"}, "invalid_client", "Client key or secret is incorrect."),
        ({"grant_type": "x"}, "unsupported_grant_type", "The grant type is not supported."),
        ({}, "invalid_request", "Grant type is missed in request."),
        (
            {"grant_type": "refresh_token", "refresh_token": "rft.unknown"},
            "invalid_grant",
            "Refresh token is invalid or expired.",
        ),
    ],
)
def test_a_wrong_token_request_is_refused_flat(
    talk: Any, form: dict[str, str], error: str, description: str
) -> None:
    answer = talk.token(**form)
    assert (answer["error"], answer["error_description"]) == (error, description)


def test_a_repeated_parameter_is_malformed(talk: Any) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    request = Request("POST", "/v2/oauth/token/", "", headers, b"client_key=a&client_key=b")
    answer = json.loads(talk.box.handle(request).body)
    assert answer["error_description"] == "The request parameters are malformed."


def test_revoking_ends_every_token_of_the_creator_and_of_nobody_else(
    talk: Any, box: Sandbox
) -> None:
    other = box.login(talk.creator)
    form = talk.app(token=talk.creator.access_token)
    assert talk.form("/v2/oauth/revoke/", form).body == b"{}"
    assert talk.list().status == 401
    assert talk.refresh(other["refresh_token"])["error"] == "invalid_grant"
    assert talk.list(token=box.creators[1].access_token).status == 200


def test_revoking_an_unknown_token_is_no_error(talk: Any) -> None:
    assert talk.form("/v2/oauth/revoke/", talk.app(token="x")).body == b"{}"
    assert talk.list().status == 200


def test_a_creator_can_remove_the_app(talk: Any, box: Sandbox) -> None:
    box.revoke(talk.creator)
    assert talk.list().status == 401


def test_a_login_through_the_page_gives_tokens_once(talk: Any, box: Sandbox) -> None:
    back = talk.returned()
    assert (back["state"], back["scopes"]) == ("st&te", "user.info.basic,video.list")
    assert set("*!") <= set(back["code"])
    answer = talk.exchange(back["code"])
    assert answer["open_id"] == box.creators[0].open_id
    assert talk.list(token=answer["access_token"]).status == 200
    assert talk.exchange(back["code"])["error"] == "invalid_grant"


def test_another_creator_can_be_chosen_on_the_page(talk: Any, box: Sandbox) -> None:
    second = box.creators[1]
    answer = talk.exchange(talk.returned(open_id=second.open_id)["code"])
    assert answer["open_id"] == second.open_id
    assert talk.authorize(open_id="unknown").status == 400


def test_a_code_expires(talk: Any, box: Sandbox) -> None:
    code = talk.returned()["code"]
    box.advance(minutes=10)
    assert talk.exchange(code)["error"] == "invalid_grant"


def test_the_exchange_needs_the_address_of_the_page(talk: Any) -> None:
    answer = talk.exchange(talk.returned()["code"], redirect_uri=DESKTOP + "x")
    assert answer["error_description"] == (
        "Redirect_uri is not matched with the uri when requesting code."
    )


@pytest.mark.parametrize("verifier", ["", "b" * 43, "a" * 42, "ä" * 43])
def test_the_exchange_needs_the_verifier(talk: Any, verifier: str) -> None:
    answer = talk.exchange(talk.returned()["code"], code_verifier=verifier)
    assert answer["error_description"] == "Code verifier or code challenge is invalid."


def test_a_base64url_challenge_passes_the_page_and_fails_at_the_exchange(talk: Any) -> None:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    answer = talk.exchange(talk.returned(code_challenge=challenge)["code"])
    assert answer["error"] == "invalid_request"


def test_a_creator_can_refuse(talk: Any, box: Sandbox) -> None:
    box.consent = "deny"
    assert box.consent == "deny"
    back = talk.returned()
    assert (back["error"], back["state"]) == ("access_denied", "st&te")


def test_a_creator_can_agree_to_fewer_scopes(talk: Any, box: Sandbox) -> None:
    box.granted_scopes = ["user.info.basic"]
    assert box.granted_scopes == ["user.info.basic"]
    back = talk.returned()
    assert back["scopes"] == "user.info.basic"
    assert talk.list(token=talk.exchange(back["code"])["access_token"]).status == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"client_key": "x"},
        {"state": ""},
        {"redirect_uri": ""},
        {"redirect_uri": "http://127.0.0.1/callback/"},
        {"redirect_uri": "http://127.0.0.1:99999/"},
        {"redirect_uri": "https://127.0.0.1:8000/"},
        {"redirect_uri": "http://localhost.example:8000/"},
        {"redirect_uri": "http://me@localhost:8000/"},
        {"redirect_uri": "http://localhost:8000/#here"},
        {"redirect_uri": "http://localhost:8000/\r\nx-evil: 1"},
    ],
)
def test_whom_the_page_does_not_trust_it_sends_nowhere(talk: Any, changes: dict[str, str]) -> None:
    response = talk.authorize(**changes)
    assert response.status == 400
    assert "location" not in response.headers
    assert response.body.startswith(b"tiktok-display sandbox: ")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "video.list user.info.basic"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_a_mistake_of_the_app_comes_back_to_it(
    talk: Any, changes: dict[str, str], error: str
) -> None:
    assert talk.returned(**changes)["error"] == error


def test_a_web_app_may_go_without_a_challenge_at_its_registered_address(talk_to: Any) -> None:
    address = "https://app.example/callback?from=tiktok"
    talk = talk_to(Sandbox(redirect_uris=[address]))
    back = talk.returned(redirect_uri=address, code_challenge="")
    assert back["from"] == "tiktok"
    answer = talk.exchange(back["code"], redirect_uri=address, code_verifier="")
    assert "access_token" in answer
