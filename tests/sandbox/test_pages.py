"""The two video endpoints."""

import json
from typing import Any

import pytest

from tiktok_display.sandbox import Request, Sandbox, SandboxVideo

NOON = 1_790_000_000


def read(response: Any) -> Any:
    return json.loads(response.body)


def walk(talk: Any, **body: object) -> list[str]:
    """What a client gets that asks for one second more and drops what it has."""
    ids: dict[str, None] = {}
    while True:
        data = read(talk.list(fields="id,create_time", **body))["data"]
        ids.update(dict.fromkeys(video["id"] for video in data["videos"]))
        if not data["has_more"]:
            return list(ids)
        body["cursor"] = data["cursor"] + 1


@pytest.mark.parametrize("meaning", ["exclusive", "inclusive"])
def test_a_walk_finds_every_video_once_newest_first(talk_to: Any, meaning: Any) -> None:
    box = Sandbox(seed=3, videos=137, cursor_meaning=meaning)
    truth = [video.id for video in box.creators[0].videos]
    assert walk(talk_to(box), max_count=20) == truth
    assert walk(talk_to(box)) == truth


def test_a_page_holds_ten_videos_unless_asked_otherwise(talk: Any) -> None:
    assert len(talk.ids(talk.list())) == 10
    assert len(talk.ids(talk.list(max_count=20))) == 20


def test_the_cursor_is_the_last_videos_moment_in_milliseconds_on_the_last_page_too(
    talk_to: Any,
) -> None:
    talk = talk_to(Sandbox(histories=[[SandboxVideo("2", NOON), SandboxVideo("1", NOON - 5)]]))
    assert read(talk.list())["data"] == {
        "cursor": (NOON - 5) * 1000,
        "has_more": False,
        "videos": [{"id": "2"}, {"id": "1"}],
    }


@pytest.mark.parametrize(("meaning", "expected"), [("exclusive", ["1"]), ("inclusive", ["2", "1"])])
def test_the_cursors_own_moment_is_excluded_or_included_as_told(
    talk_to: Any, meaning: Any, expected: list[str]
) -> None:
    history = [SandboxVideo("2", NOON), SandboxVideo("1", NOON - 5)]
    talk = talk_to(Sandbox(histories=[history], cursor_meaning=meaning))
    assert talk.ids(talk.list(cursor=NOON * 1000)) == expected
    assert talk.ids(talk.list(cursor=NOON * 1000 + 1)) == ["2", "1"]


def test_an_empty_account_answers_as_it_was_recorded(talk: Any, box: Sandbox) -> None:
    answer = read(talk.list(token=box.creators[-1].access_token))
    assert answer["data"] == {"cursor": 0, "has_more": False, "videos": []}
    assert answer["error"]["code"] == "ok"


def test_only_the_requested_fields_come(talk: Any) -> None:
    videos = read(talk.list(fields="title,is_aigc", max_count=1))["data"]["videos"]
    assert [list(video) for video in videos] == [["title", "is_aigc"]]


def test_every_answer_names_its_log_id_and_the_sandbox(talk: Any) -> None:
    response = talk.list()
    assert response.headers["x-tt-logid"] == read(response)["error"]["log_id"]
    assert response.headers["x-sandbox"] == "tiktok-display"


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/v2/video/list", "POST"),
        ("/v2/video/list%2F", "POST"),
        ("/v2/video/list/", "GET"),
        ("/v2/oauth/token/", "GET"),
    ],
)
def test_a_wrong_path_or_method_is_the_plain_404(talk: Any, path: str, method: str) -> None:
    response = talk.send(path, {}, method=method)
    assert (response.status, response.body) == (404, b"Unsupported path(Janus)")


@pytest.mark.parametrize("query", ["", "fields=", "fields=id,fps", "fields=id&fields=title"])
def test_fields_that_are_missing_unknown_or_repeated_are_refused(talk: Any, query: str) -> None:
    response = talk.send("/v2/video/list/", {"fields": "id"}, query=query)
    assert response.status == 400
    assert read(response)["error"]["code"] == "invalid_params"
    assert "data" not in read(response)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        [],
        {"max_count": 0},
        {"max_count": 21},
        {"max_count": True},
        {"max_count": "5"},
        {"cursor": 0},
        {"cursor": 1 << 63},
        {"cursor": None},
    ],
)
def test_a_body_out_of_range_is_refused(talk: Any, body: object) -> None:
    response = talk.send("/v2/video/list/", body, query="fields=id")
    assert read(response)["error"]["code"] == "invalid_params"


def test_a_body_that_is_not_json_by_its_type_is_refused(talk: Any) -> None:
    headers = {"authorization": f"Bearer {talk.creator.access_token}"}
    request = Request("POST", "/v2/video/list/", "fields=id", headers, b"{}")
    assert talk.box.handle(request).status == 400


@pytest.mark.parametrize("token", ["", "act.unknown"])
def test_a_missing_or_unknown_token_is_refused(talk: Any, token: str) -> None:
    response = talk.list(token=token)
    assert response.status == 401
    assert read(response)["error"]["code"] == "access_token_invalid"


def test_a_token_expires_with_the_virtual_clock(talk: Any, box: Sandbox) -> None:
    box.advance(seconds=7_199)
    assert talk.list().status == 200
    box.advance(seconds=1)
    assert talk.list().status == 401


def test_a_token_without_the_scope_is_refused_with_401(talk: Any, box: Sandbox) -> None:
    creator = box.add_creator(5, scope="user.info.basic")
    response = talk.list(token=creator.access_token)
    assert response.status == 401
    assert read(response)["error"]["code"] == "scope_not_authorized"


def test_queried_videos_come_in_another_order_and_unknown_ids_are_left_out(
    talk: Any, box: Sandbox
) -> None:
    mine = [video.id for video in box.creators[0].videos[:3]]
    foreign = box.creators[1].videos[0].id
    box.delete_video(talk.creator, mine[1])
    answer = read(talk.query([*mine, foreign, "0", "x", "9" * 30, mine[0]]))
    assert [video["id"] for video in answer["data"]["videos"]] == [mine[2], mine[0]]
    assert (answer["data"]["cursor"], answer["data"]["has_more"]) == (0, False)


@pytest.mark.parametrize("ids", [[], ["1"] * 21, [1], "1", None])
def test_a_query_without_a_proper_list_of_ids_is_refused(talk: Any, ids: object) -> None:
    assert talk.query(ids).status == 400
    assert talk.send("/v2/video/query/", {"filters": ids}, query="fields=id").status == 400


def test_the_601st_request_in_a_minute_is_refused_until_the_minute_has_passed(
    talk: Any, box: Sandbox
) -> None:
    assert {talk.list(max_count=1).status for _ in range(600)} == {200}
    response = talk.list()
    assert (response.status, read(response)["error"]["code"]) == (429, "rate_limit_exceeded")
    assert "retry-after" not in response.headers
    assert talk.query(["1"]).status == 200
    assert talk.list(token=box.creators[1].access_token).status == 429
    box.advance(minutes=1)
    assert talk.list().status == 200


def test_the_limit_can_be_kept_for_each_creator(talk_to: Any) -> None:
    box = Sandbox(rate_limit=1, rate_limit_by="creator")
    talk = talk_to(box)
    assert talk.list().status == 200
    assert talk.list().status == 429
    assert talk.list(token=box.creators[1].access_token).status == 200


def test_the_limit_can_be_switched_off(talk_to: Any) -> None:
    talk = talk_to(Sandbox(rate_limit=None))
    assert {talk.list(max_count=1).status for _ in range(700)} == {200}


@pytest.mark.parametrize("count", [1, 2, 20])
@pytest.mark.parametrize("meaning", ["exclusive", "inclusive"])
def test_sparse_pages_lose_nothing_and_the_cursor_always_falls(
    talk_to: Any, meaning: Any, count: int
) -> None:
    seconds = [NOON - second for second in (0, 1, 60, 61, 3_600, 3_601, 9_000)]
    box = Sandbox(
        histories=[[SandboxVideo(str(i + 1), second) for i, second in enumerate(seconds)]],
        cursor_meaning=meaning,
    )
    box.fault(sparse=True)
    talk = talk_to(box)
    ids: list[str] = []
    cursor: dict[str, int] = {}
    while True:
        data = read(talk.list(max_count=count, **cursor))["data"]
        ids += [video["id"] for video in data["videos"]]
        assert data["cursor"] < cursor.get("cursor", NOON * 2_000) or meaning == "inclusive"
        if not data["has_more"] or data["cursor"] >= cursor.get("cursor", NOON * 2_000):
            break
        cursor = {"cursor": data["cursor"]}
    if meaning == "exclusive":
        assert ids == [video.id for video in talk.creator.videos]


@pytest.mark.parametrize("probability", [1.0, 0.5])
@pytest.mark.parametrize("meaning", ["exclusive", "inclusive"])
def test_sparse_pages_let_a_client_fall_that_asks_from_the_end_of_a_second(
    talk_to: Any, meaning: Any, probability: float
) -> None:
    for size in range(1, 58):
        box = Sandbox(seed=size, videos=size, creators=1, cursor_meaning=meaning)
        box.fault(sparse=True, probability=probability)
        talk, cursor, ids = talk_to(box), {"cursor": NOON * 2_000}, dict[str, None]()
        while True:
            data = read(talk.list(max_count=20, **cursor))["data"]
            ids.update(dict.fromkeys(video["id"] for video in data["videos"]))
            if not data["has_more"]:
                break
            assert data["cursor"] // 1000 < cursor["cursor"] // 1000
            cursor = {"cursor": data["cursor"] + 999}
        assert list(ids) == [video.id for video in talk.creator.videos]


def test_a_sparse_page_of_one_video_is_empty_while_there_is_more(talk_to: Any) -> None:
    box = Sandbox(histories=[[SandboxVideo("1", NOON - 3_600)]])
    box.fault(sparse=True, times=1)
    data = read(talk_to(box).list())["data"]
    assert (data["videos"], data["has_more"]) == ([], True)
    assert talk_to(box).ids(talk_to(box).list(cursor=data["cursor"])) == ["1"]
