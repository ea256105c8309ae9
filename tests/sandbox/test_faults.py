"""Rules by which things go wrong."""

import json
from typing import Any

import pytest

from tiktok_display.sandbox import FaultRule, Sandbox

LIST = "/v2/video/list/"
TOKEN = "/v2/oauth/token/"


def statuses(talk: Any, count: int) -> list[int]:
    return [talk.list(max_count=1).status for _ in range(count)]


def test_a_rule_applies_to_the_first_so_many_requests(talk: Any, box: Sandbox) -> None:
    rule = box.fault(path=LIST, status=500, times=2)
    assert statuses(talk, 3) == [500, 500, 200]
    assert (rule.seen, rule.applied) == (3, 2)


def test_a_rule_applies_to_the_nth_request_alone(talk: Any, box: Sandbox) -> None:
    box.fault(nth=2, status=500)
    assert statuses(talk, 3) == [200, 500, 200]


def test_a_rule_applies_from_the_nth_request_on_so_many_times(talk: Any, box: Sandbox) -> None:
    box.fault(nth=2, times=2, status=500)
    assert statuses(talk, 4) == [200, 500, 500, 200]


def test_a_rule_for_another_path_does_not_apply(talk: Any, box: Sandbox) -> None:
    rule = box.fault(path="/v2/video/query/", status=500)
    assert statuses(talk, 1) == [200]
    assert rule.seen == 0


def test_a_rule_applies_for_ever_until_it_is_cleared(talk: Any, box: Sandbox) -> None:
    box.fault(status=500)
    assert statuses(talk, 3) == [500, 500, 500]
    box.clear_faults()
    assert statuses(talk, 1) == [200]


def test_the_oldest_rule_goes_first_and_the_others_keep_their_times(
    talk: Any, box: Sandbox
) -> None:
    box.fault(status=500, times=1)
    box.fault(status=503, times=1)
    assert statuses(talk, 3) == [500, 503, 200]


def test_a_probability_is_drawn_from_the_seed(talk_to: Any) -> None:
    def drawn(seed: int) -> list[int]:
        box = Sandbox(seed=seed)
        box.fault(status=500, probability=0.5)
        return statuses(talk_to(box), 40)

    assert drawn(1) == drawn(1) != drawn(2)
    assert 5 < drawn(1).count(500) < 35


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"status": 500}, 500, "internal_error"),
        ({"status": 429}, 429, "rate_limit_exceeded"),
        ({"status": 401}, 401, "access_token_invalid"),
        ({"status": 400}, 400, "invalid_params"),
        ({"code": "scope_permission_missed"}, 400, "scope_permission_missed"),
        ({"code": "internal_error", "status": 200}, 200, "internal_error"),
        ({"code": "spam_risk"}, 200, "spam_risk"),
    ],
)
def test_a_status_and_a_code_stand_for_each_other(
    talk: Any, box: Sandbox, fault: dict[str, Any], status: int, code: str
) -> None:
    box.fault(**fault)
    response = talk.list()
    assert (response.status, json.loads(response.body)["error"]["code"]) == (status, code)


def test_a_message_can_be_given(talk: Any, box: Sandbox) -> None:
    box.fault(code="internal_error", message="kaputt")
    assert json.loads(talk.list().body)["error"]["message"] == "kaputt"


@pytest.mark.parametrize(
    ("fault", "status"),
    [({"status": 520}, 520), ({"html": True}, 502), ({"html": True, "status": 503}, 503)],
)
def test_a_gateway_answers_html(
    talk: Any, box: Sandbox, fault: dict[str, Any], status: int
) -> None:
    box.fault(**fault)
    response = talk.list()
    assert response.status == status
    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("body", ["{", b"{"])
def test_any_body_and_header_can_be_given(talk: Any, box: Sandbox, body: Any) -> None:
    box.fault(body=body, status=201, headers={"Retry-After": "3"})
    response = talk.list()
    assert (response.status, response.body, response.headers["retry-after"]) == (201, b"{", "3")


@pytest.mark.parametrize("status", [204, 205, 304])
def test_an_answer_that_has_no_body_by_its_status_is_empty(
    talk: Any, box: Sandbox, status: int
) -> None:
    box.fault(status=status, body="{}")
    response = talk.list()
    assert (response.status, response.body) == (status, b"")


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ({"status": 500}, 500, "server_error"),
        ({"status": 400}, 400, "invalid_request"),
        ({"code": "temporarily_unavailable"}, 200, "temporarily_unavailable"),
    ],
)
def test_the_token_endpoint_fails_flat(
    talk: Any, box: Sandbox, fault: dict[str, Any], status: int, error: str
) -> None:
    box.fault(path=TOKEN, **fault)
    answer = talk.refresh(talk.creator.refresh_token)
    assert answer["error"] == error
    assert box.requests[-1].status == status


@pytest.mark.parametrize(
    ("fault", "refreshes"),
    [
        ({"drop": True}, 1),
        ({"drop": True, "processed": False}, 0),
        ({"status": 500}, 0),
        ({"status": 500, "processed": True}, 1),
        ({"cut": 5}, 1),
    ],
)
def test_a_token_request_is_processed_before_its_answer_is_lost_unless_told_otherwise(
    talk: Any, box: Sandbox, fault: dict[str, Any], refreshes: int
) -> None:
    box.fault(path=TOKEN, **fault)
    talk.form(TOKEN, talk.app(grant_type="refresh_token", refresh_token=talk.creator.refresh_token))
    assert (box.token_requests, box.refreshes) == (1, refreshes)


def test_how_an_answer_is_delivered_is_said_beside_it(talk: Any, box: Sandbox) -> None:
    box.fault(latency=2, drip=0.1, cut=3)
    response = talk.list()
    assert response.latency == 2
    assert response.pieces() == [(0.1, b"{"), (0.1, b'"'), (0.1, b"d")]
    assert response.broken


@pytest.mark.parametrize(
    ("fault", "mistake"),
    [
        ({"nth": 0}, ValueError),
        ({"probability": 1.5}, ValueError),
        ({"status": 199}, ValueError),
        ({"status": 600}, ValueError),
        ({"latency": float("nan")}, ValueError),
        ({"processed": False}, ValueError),
        ({"latency": None}, TypeError),
        ({"times": 1.5}, TypeError),
        ({"drip": True}, TypeError),
        ({"drop": 1}, TypeError),
        ({"headers": 1}, TypeError),
        ({"headers": {"retry-after": 1}}, TypeError),
        ({"headers": {"": "x"}}, ValueError),
        ({"headers": {"a b": "x"}}, ValueError),
        ({"headers": {"x": "a\r\nset-cookie: b"}}, ValueError),
        ({"headers": {"x": " a"}}, ValueError),
        ({"headers": {"x": "東"}}, ValueError),
        ({"unknown": 1}, TypeError),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    fault: dict[str, Any], mistake: type[Exception]
) -> None:
    with pytest.raises(mistake):
        FaultRule(**fault)


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding"])
def test_a_header_that_says_where_the_body_ends_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"cannot set {name}: it follows from the body"):
        FaultRule(headers={name: "5"})
