"""How the tests talk to a sandbox in process, without any HTTP library."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import attrs
import pytest

from tiktok_display.sandbox import Request, Response, Sandbox, SandboxCreator

DESKTOP = "http://127.0.0.1:8000/callback/"
VERIFIER = "a" * 43
CHALLENGE = "66d34fba71f8f450f7e45598853e53bfc23bbd129027cbb131a2f4ffd7878cd0"


def read(response: Response) -> Any:
    return json.loads(response.body)


@attrs.frozen
class Talk:
    """The calls of a client to one sandbox."""

    box: Sandbox

    @property
    def creator(self) -> SandboxCreator:
        return self.box.creators[0]

    def send(
        self,
        path: str,
        body: object = None,
        *,
        query: str = "",
        method: str = "POST",
        token: str | None = None,
    ) -> Response:
        token = self.creator.access_token if token is None else token
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.box.handle(Request(method, path, query, headers, content))

    def list(self, *, fields: str = "id", token: str | None = None, **body: object) -> Response:
        return self.send("/v2/video/list/", body, query=f"fields={fields}", token=token)

    def query(self, ids: object, *, fields: str = "id") -> Response:
        body = {"filters": {"video_ids": ids}}
        return self.send("/v2/video/query/", body, query=f"fields={fields}")

    def ids(self, response: Response) -> Any:
        return [video["id"] for video in read(response)["data"]["videos"]]

    def form(self, path: str, form: Mapping[str, str]) -> Response:
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        return self.box.handle(Request("POST", path, "", headers, urlencode(form).encode()))

    def app(self, **form: str) -> dict[str, str]:
        keys = {"client_key": self.box.app.client_key, "client_secret": self.box.app.client_secret}
        return {**keys, **form}

    def token(self, **form: str) -> Any:
        return read(self.form("/v2/oauth/token/", self.app(**form)))

    def refresh(self, token: str) -> Any:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def exchange(self, code: str, **form: str) -> Any:
        usual = {"redirect_uri": DESKTOP, "code_verifier": VERIFIER}
        return self.token(**{"grant_type": "authorization_code", "code": code, **usual, **form})

    def authorize(self, **changes: str) -> Response:
        usual = {
            "client_key": self.box.app.client_key,
            "scope": "user.info.basic,video.list",
            "redirect_uri": DESKTOP,
            "state": "st&te",
            "response_type": "code",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        sent = {name: value for name, value in {**usual, **changes}.items() if value}
        return self.box.handle(Request("GET", "/v2/auth/authorize/", urlencode(sent)))

    def returned(self, **changes: str) -> dict[str, str]:
        """What the app's own address is told after the page."""
        response = self.authorize(**changes)
        assert response.status == 302
        query = urlsplit(response.headers["location"]).query
        return {name: values[0] for name, values in parse_qs(query).items()}


@pytest.fixture
def box() -> Sandbox:
    return Sandbox(seed=7)


@pytest.fixture
def talk(box: Sandbox) -> Talk:
    return Talk(box)


@pytest.fixture
def talk_to() -> type[Talk]:
    """For a test that makes a sandbox of its own."""
    return Talk
