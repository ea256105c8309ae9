"""A TikTok that runs on this machine: for trying things out, and for everybody's tests.

``Sandbox`` is the whole of it; used in ``with`` it is a server on a free loopback port, for which
the extra ``tiktok-display[sandbox]`` is needed. ``SandboxTransport`` reaches the same sandbox from
httpx without a socket, and needs nothing.
"""

from .box import Sandbox
from .clock import VirtualClock
from .creators import SandboxCreator
from .faults import FaultRule
from .histories import History, history
from .messages import RecordedRequest, Request, Response
from .oauth import SandboxApp
from .standalone import serve
from .transport import SandboxTransport
from .videos import SandboxVideo

__all__ = [
    "FaultRule",
    "History",
    "RecordedRequest",
    "Request",
    "Response",
    "Sandbox",
    "SandboxApp",
    "SandboxCreator",
    "SandboxTransport",
    "SandboxVideo",
    "VirtualClock",
    "history",
    "serve",
]
