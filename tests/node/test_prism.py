"""That Prism sees what breaks the document, without which its silence would prove nothing; and
what it does not see, which is why the raw query is looked at too.
"""

import httpx
import pytest

from tests.node.relay import targets
from tiktok_display import DisplayClient, InvalidParams, UnknownFieldWarning

pytest_plugins = ["tests.node.prism"]

LIST, QUERY = "/v2/video/list/?fields=id,title", "/v2/video/query/?fields=id,title"
TOKEN = {"Authorization": "Bearer act.any"}


def post(prism: str, target: str, body: object, headers: dict[str, str] = TOKEN) -> httpx.Response:
    """A request written by hand, which no client of ours has had a chance to set right."""
    with httpx.Client(trust_env=False) as client:
        return client.post(prism + target, json=body, headers=headers)


@pytest.mark.parametrize(
    ("target", "body"), [(LIST, {}), (QUERY, {"filters": {"video_ids": ["7"]}})]
)
def test_a_request_by_the_document_is_answered_without_a_complaint(
    prism: str, target: str, body: object
) -> None:
    answer = post(prism, target, body)
    assert answer.status_code == 200
    assert "sl-violations" not in answer.headers


@pytest.mark.parametrize(
    ("target", "body", "said"),
    [
        (LIST, {"max_count": 21}, "max_count must be <= 20"),
        (LIST, {"max_count": 0}, "max_count must be >= 1"),
        (LIST, {"cursor": 0}, "cursor must be >= 1"),
        (LIST, {"cursor": "1643332803000"}, "cursor must be integer"),
        ("/v2/video/list/", {}, "must have required property 'fields'"),
        ("/v2/video/list/?fields=id,titel", {}, "must be equal to one of the allowed values"),
        (QUERY, {}, "must have required property 'filters'"),
        (QUERY, {"filters": {"video_ids": []}}, "must NOT have fewer than 1 items"),
        (QUERY, {"filters": {"video_ids": ["7"] * 21}}, "must NOT have more than 20 items"),
        (QUERY, {"filters": {"video_ids": [7]}}, "must be string"),
    ],
)
def test_a_request_that_breaks_the_document_is_refused_by_name(
    prism: str, target: str, body: object, said: str
) -> None:
    answer = post(prism, target, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_params")
    assert said in answer.headers["sl-violations"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "act.any"}])
def test_a_token_that_is_missing_or_lacks_its_bearer_is_refused(
    prism: str, headers: dict[str, str]
) -> None:
    answer = post(prism, LIST, {}, headers)
    assert answer.status_code == 401
    assert "Invalid security scheme" in answer.headers["sl-violations"]


def test_a_path_without_its_slash_is_unknown(prism: str) -> None:
    answer = post(prism, "/v2/video/list?fields=id", {})
    assert answer.status_code == 404
    assert "NO_PATH_MATCHED_ERROR" in answer.text


def test_a_field_that_only_the_caller_knows_is_a_complaint_that_reaches_the_caller(
    prism: str,
) -> None:
    with DisplayClient("act.any", base_url=prism) as client:
        with pytest.warns(UnknownFieldWarning, match="titel"):
            pager = client.list_videos(fields=["titel"])
        with pytest.raises(InvalidParams):
            next(pager)


def test_an_exploded_parameter_escapes_prism_but_not_the_expansion(prism: str) -> None:
    exploded = "/v2/video/list/?fields=id&fields=title"
    assert "sl-violations" not in post(prism, exploded, {}).headers
    assert exploded not in targets("/v2/video/list/", ["id", "title"])


def test_an_unknown_key_escapes_prism_so_bodies_are_compared_whole(prism: str) -> None:
    assert "sl-violations" not in post(prism, LIST, {"max_cuont": 20}).headers
