"""The README's examples, executed against the sandbox, in the order a reader meets them."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from tiktok_display import DisplayClient
from tiktok_display.sandbox import Sandbox
from tiktok_display.transport.origin import BASE_URL_VARIABLE

README = Path(__file__).parents[1] / "README.md"


def authorize(url: str) -> str:
    """Where the sandbox's page sends a creator's browser."""
    return httpx.get(url).headers["location"]


@pytest.fixture
def everywhere(tiktok_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A sandbox that stands in for TikTok wherever no base URL is given."""
    os.environ[BASE_URL_VARIABLE] = tiktok_sandbox.base_url
    yield tiktok_sandbox
    del os.environ[BASE_URL_VARIABLE]


def test_every_example_works_as_it_stands(everywhere: Sandbox, tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        check_examples(everywhere)


def check_examples(everywhere: Sandbox) -> None:
    document = Sybil(parsers=[PythonCodeBlockParser()]).parse(README)
    creator = everywhere.creators[0]
    document.namespace.update(
        access_token=creator.access_token,
        send_the_creator_to=authorize,
        client_key=everywhere.app.client_key,
        client_secret=everywhere.app.client_secret,
        base_url=everywhere.base_url,
    )
    examples = list(document.examples())
    for example in examples:
        example.evaluate()
    assert len(examples) >= 10
    assert len(document.namespace["found"].videos) == 30
    assert document.namespace["newest"].id == creator.videos[0].id
    with DisplayClient(creator.access_token, base_url=everywhere.base_url) as client:
        document.namespace["test_my_service"](everywhere, client)


def test_its_commands_are_the_ones_that_ci_runs() -> None:
    commands = README.read_text(encoding="utf-8")
    assert "pip install nox && nox -s tests" in commands
    assert "pip install nox && nox -s demo" in commands
