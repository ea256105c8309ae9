"""The shapes in which the sandbox answers: the data envelope, the flat OAuth answer, plain text."""

import json
from collections.abc import Mapping
from typing import Any

from .messages import Response

JSON = {"content-type": "application/json"}
TEXT = {"content-type": "text/plain; charset=utf-8"}
HTML = {"content-type": "text/html; charset=utf-8"}

STATUS = {
    "access_token_invalid": 401,
    "scope_not_authorized": 401,
    "invalid_params": 400,
    "scope_permission_missed": 400,
    "rate_limit_exceeded": 429,
    "internal_error": 500,
}
"""The HTTP status of each documented code; of those that share one the usual code comes first."""

MESSAGES = {
    "ok": "",
    "access_token_invalid": "Access token is invalid, please refresh token and retry",
    "scope_not_authorized": (
        "The user did not authorize the scope required for completing this request."
    ),
    # The words of these four were never recorded.
    "scope_permission_missed": "The requested field needs a scope that is missing.",
    "invalid_params": "The request parameters are invalid.",
    "rate_limit_exceeded": "The API rate limit was exceeded. Please try again later.",
    "internal_error": "Something went wrong. Please try again later.",
}


class EnvelopeError(Exception):
    """A call that the data endpoints refuse, with a code of the envelope."""

    def __init__(self, code: str, message: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class OAuthError(Exception):
    """A call that the token endpoints refuse, with an error of OAuth 2.0."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


def json_response(content: object, status: int = 200) -> Response:
    """Any JSON."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair is no UTF-8; with its backslash it is JSON again.
    return Response(status, JSON, text.encode(errors="backslashreplace"))


def page(data: Mapping[str, Any], log_id: str) -> Response:
    """A success of the data endpoints: the envelope has an ``error`` all the same."""
    return json_response({"data": data, "error": {"code": "ok", "message": "", "log_id": log_id}})


def failure(
    code: str, log_id: str, *, message: str | None = None, status: int | None = None
) -> Response:
    """A failure of the data endpoints: no ``data``. A code nobody knows comes with 200."""
    text = MESSAGES.get(code, "") if message is None else message
    return json_response(
        {"error": {"code": code, "message": text, "log_id": log_id}},
        status or STATUS.get(code, 200),
    )


def oauth_failure(error: str, description: str, log_id: str, *, status: int = 200) -> Response:
    """A failure of the token endpoints: flat, and with HTTP 200."""
    return json_response(
        {"error": error, "error_description": description, "log_id": log_id}, status
    )


def unsupported_path() -> Response:
    """What answers a path without its trailing slash, or with another method."""
    return Response(404, TEXT, b"Unsupported path(Janus)")


def gateway_page(status: int = 502) -> Response:
    """What a gateway in front of the API says: not the envelope, not JSON."""
    text = f"<html><head><title>{status}</title></head><body><h1>{status}</h1>sandbox</body></html>"
    return Response(status, HTML, text.encode())


def notice(text: str, status: int = 400) -> Response:
    """A page for people. It never repeats anything that the request said."""
    return Response(status, TEXT, f"tiktok-display sandbox: {text}\n".encode())
