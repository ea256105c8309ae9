"""The blocks of a page, as a reader would try them out: each by itself, in an empty directory."""

import contextlib
import io
import shlex
import subprocess
import sys
from pathlib import Path

from sybil import Example

LONG = 120.0  # s; a process takes its time on a busy machine


def run_python(example: Example) -> None:
    """Run a whole program, or a module of tests by pytest; what it prints is kept."""
    assert "printed" not in example.namespace, "the page does not show what a program prints"
    code = example.parsed
    if "\ndef test_" in code:
        Path("test_block.py").write_text(code, encoding="utf-8")
        run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_block.py"])
        return
    printed = io.StringIO()
    program = compile(code, f"{example.path}:{example.line}", "exec")
    with contextlib.redirect_stdout(printed):
        exec(program, {"__name__": "__main__"})
    example.namespace["printed"] = printed.getvalue()


def compare(example: Example) -> None:
    """What stands below a program is what the program has printed."""
    assert example.namespace.pop("printed") == example.parsed


def run_console(example: Example) -> None:
    """Run one command, and compare what it prints with the lines that follow it."""
    command, _, printed = example.parsed.partition("\n")
    prompt, name, *arguments = shlex.split(command)
    assert (prompt, name) == ("$", "tiktok-display")
    assert run([sys.executable, "-m", "tiktok_display.cli", *arguments]) == printed


def run(command: list[str]) -> str:
    """What a command that succeeds writes to stdout."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
