"""The sandbox about itself, over HTTP: everything under ``/_sandbox/``, nothing of the API's.

GET    /_sandbox/           what this is, the time, the app's key and secret
GET    /_sandbox/creators   open_id, access token and number of videos of each
POST   /_sandbox/advance    {"hours": 2}: keywords of timedelta; moves the time
GET    /_sandbox/faults     the rules in force
POST   /_sandbox/faults     {"path": ..., "status": 500, "times": 1}: a FaultRule
DELETE /_sandbox/faults     no rule any more
GET    /_sandbox/requests   what arrived, without secrets, and the counters
DELETE /_sandbox/requests   forgets it and sets the counters to zero
"""

from datetime import timedelta
from typing import Any

from .answers import json_response
from .clock import utc
from .core import Core, marked
from .faults import FaultRule, described
from .messages import RecordedRequest, Request, Response

ROOT = "/_sandbox/"


def answer(core: Core, request: Request) -> Response:
    """Answers one request."""
    with core.lock:
        told, status = _told(core, request)
    return marked(json_response({"sandbox": True, **told}, status))


def _told(core: Core, request: Request) -> tuple[dict[str, Any], int]:
    status = 200
    try:
        match request.method, request.path.removeprefix(ROOT):
            case "GET", "":
                told = about(core)
            case "GET", "creators":
                told = {"creators": creators(core)}
            case "POST", "advance":
                core.clock.advance(timedelta(**_object(request)))
                told = {"now": utc(core.clock.now()).isoformat()}
            case "GET", "faults":
                told = {"faults": [described(rule) for rule in core.faults.rules]}
            case "POST", "faults":
                rule = FaultRule(**_object(request))
                core.faults.rules.append(rule)
                told, status = {"fault": described(rule)}, 201
            case "DELETE", "faults":
                core.faults.rules.clear()
                told = {"faults": []}
            case "GET", "requests":
                told = arrived(core)
            case "DELETE", "requests":
                core.clear_requests()
                told = arrived(core)
            case _:
                told, status = {"error": "there is nothing here"}, 404
    except (TypeError, ValueError, OverflowError) as mistake:
        told, status = {"error": str(mistake.args[0])}, 400
    return told, status


def about(core: Core) -> dict[str, Any]:
    """What this is. The secret is this sandbox's own, worth nothing elsewhere."""
    return {
        "what": "a sandbox of tiktok-display: not TikTok, and nothing in it is real",
        "now": utc(core.clock.now()).isoformat(),
        "client_key": core.app.client_key,
        "client_secret": core.app.client_secret,
        "creators": len(core.creators),
    }


def creators(core: Core) -> list[dict[str, Any]]:
    """The creators, with what a client needs to read their videos."""
    return [
        {
            "open_id": creator.open_id,
            "access_token": creator.access_token,
            "token_answer": dict(creator.token_answer),
            "videos": len(creator.videos),
        }
        for creator in core.creators
    ]


def arrived(core: Core) -> dict[str, Any]:
    """The counters, and what came, oldest first."""
    return {
        "token_requests": core.token_requests,
        "refreshes": core.office.refreshes,
        "reuses": core.office.reuses,
        "requests": [_line(recorded) for recorded in core.requests],
    }


def _line(recorded: RecordedRequest) -> dict[str, Any]:
    return {
        "time": recorded.time.isoformat(),
        "method": recorded.method,
        "path": recorded.path,
        "query": dict(recorded.query),
        # Names only: the values are tokens, codes and secrets.
        "form": sorted(recorded.form),
        "open_id": recorded.open_id,
        "status": recorded.status,
        "log_id": recorded.log_id,
        "fault": recorded.fault,
    }


def _object(request: Request) -> dict[str, Any]:
    body = request.json()
    if not isinstance(body, dict):
        raise TypeError("send a JSON object")
    return body
