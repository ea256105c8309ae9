"""The sandbox against the specification: what openapi.yaml promises is what it does.

Left out is the check for unsupported methods: it wants 405, and TikTok answers 404.
"""

import json
import re
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
from schemathesis.config import SchemathesisConfig

from tiktok_display.sandbox import Sandbox
from tiktok_display.sandbox.server import SandboxASGI

box = Sandbox(seed=7, rate_limit=None)
document = schemathesis.openapi.from_path(Path(__file__).parents[2] / "openapi.yaml").raw_schema
for link in document["components"]["links"].values():
    # The body of a link is JSON text with expressions in braces, which schemathesis overlooks; an
    # object of expressions says the same to it.
    text = re.sub(r"\{(\$[^}]*)\}", r'"\1"', link["requestBody"])
    link["requestBody"] = json.loads(text)

schema = schemathesis.openapi.from_dict(
    document,
    config=SchemathesisConfig.from_dict(
        {
            "seed": 7,
            "headers": {"Authorization": f"Bearer {box.creators[0].access_token}"},
            "generation": {"deterministic": True, "max-examples": 25, "database": "none"},
            "checks": {"unsupported_method": {"enabled": False}},
        }
    ),
)
schema.app = SandboxASGI(box.handle)


@schema.parametrize()
def test_every_call_answers_as_specified(case: Any) -> None:
    case.call_and_validate()


def test_every_walk_along_the_links_answers_as_specified() -> None:
    box.clear_requests()
    schema.as_state_machine().run(
        settings=hypothesis.settings(
            max_examples=12, stateful_step_count=5, deadline=None, derandomize=True, database=None
        )
    )
    followed = {video.create_time * 1000 for video in box.creators[0].videos}
    asked = [recorded.json for recorded in box.requests if recorded.status == 200]
    assert followed & {body.get("cursor") for body in asked}
