"""Redocly's command line: pinned in tools/node, silent towards the network, read as JSON."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.specification import ROOT

NODE = ROOT / "tools" / "node"
COMMAND = NODE / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
CONFIG = NODE / "redocly.yaml"
CURE = "npm ci --ignore-scripts --prefix tools/node"

# https://redocly.com/docs/cli/usage-data
QUIET = {
    "REDOCLY_SUPPRESS_NOTIFICATIONS": "true",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "REDOCLY_TELEMETRY": "off",
}


class RedoclyError(Exception):
    """Redocly could not be run, or gave no answer; the message says why."""


def run(directory: Path, *arguments: str) -> list[dict[str, Any]]:
    """What Redocly says of files in a directory. That it finds fault is an answer, not an error."""
    node = shutil.which("node")
    if node is None or not COMMAND.exists():
        raise RedoclyError(f"Redocly is not installed; with Node.js at hand: {CURE}")
    told = subprocess.run(
        [node, str(COMMAND), *arguments, "--config", str(CONFIG), "--format", "json"],
        cwd=directory,
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    try:
        found = list(answers(told.stdout))
    except ValueError:
        found = []
    if not found:
        raise RedoclyError(f"Redocly gave no answer:\n{told.stdout}{told.stderr}")
    return found


def answers(text: str) -> Iterator[dict[str, Any]]:
    """The JSON documents in a text, one behind the other: Redocly writes one for each file."""
    while text := text.lstrip():
        answer, end = json.JSONDecoder().raw_decode(text)
        yield answer
        text = text[end:]
