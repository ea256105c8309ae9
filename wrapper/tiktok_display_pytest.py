"""Fixtures for tests against a TikTok that runs on this machine.

Found by pytest through an entry point, so in every test run where this package is installed. Hence
a module of its own beside the package: nothing of it is loaded before a test asks for it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tiktok_display import DisplayClient
    from tiktok_display.sandbox import Sandbox


@pytest.fixture
def tiktok_sandbox() -> "Iterator[Sandbox]":
    """A sandbox with three creators, as a server on a free loopback port; always the same."""
    from tiktok_display.sandbox import Sandbox  # noqa: PLC0415 - not before it is used

    with Sandbox(seed=7) as box:
        yield box


@pytest.fixture
def tiktok_client(tiktok_sandbox: "Sandbox") -> "Iterator[DisplayClient]":
    """A client for the first creator of ``tiktok_sandbox``."""
    from tiktok_display import DisplayClient  # noqa: PLC0415 - not before it is used

    creator = tiktok_sandbox.creators[0]
    with DisplayClient(creator.access_token, base_url=tiktok_sandbox.base_url) as client:
        yield client
