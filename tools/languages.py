"""Do what docs/languages.md says, language by language, against a sandbox.

Each section is followed as by a reader, from the top and in an empty directory: a block that has a
name becomes that file, a block of `sh` is run. The last command of a section is its client, which
must print the sandbox's truth, and then what the page says under each of its surprises. `console`
and whatever else has no name is for people.
"""

import argparse
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import attrs

from tiktok_display.sandbox import Sandbox, SandboxVideo, history

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "languages.md"
SURPRISES = "Surprises"

AT_ONCE = 2  # most of it waits for a compiler, so more need more cores
PATIENCE = 600  # s, for one block

TOKEN = re.compile(
    r"^\#\#[ ](?P<title>[^\n]+)\n"
    r"|^(?:`(?P<name>[^`\n]+)`:\n+)?```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


class PageError(Exception):
    """What the page says does not hold; the message says where."""


@dataclass(frozen=True)
class Command:
    """A block of shell commands."""

    text: str


@dataclass(frozen=True)
class File:
    """A block that has a name."""

    name: str
    text: str


@dataclass(frozen=True)
class Output:
    """What a client is to print."""

    text: str


Step = Command | File | Output


def read(page: str) -> dict[str, list[Step]]:
    """The steps of each section, by its title."""
    if "```" in TOKEN.sub("", page):
        raise PageError("a block is not closed, is indented, or does not say what it holds")
    sections: dict[str, list[Step]] = {}
    steps: list[Step] = []
    for token in TOKEN.finditer(page):
        if token["title"]:
            steps = sections.setdefault(token["title"], [])
        elif token["name"]:
            steps.append(File(token["name"], token["text"]))
        elif token["kind"] in {"sh", "text"}:
            steps.append((Command if token["kind"] == "sh" else Output)(token["text"]))
    return sections


def languages(sections: Mapping[str, list[Step]]) -> dict[str, list[Step]]:
    """The sections that hold a program."""
    return {
        title: steps
        for title, steps in sections.items()
        if any(isinstance(step, File) for step in steps)
    }


def surprises(sections: Mapping[str, list[Step]]) -> list[tuple[Command, Output]]:
    """Commands that spoil the next answers, each with what a client then prints."""
    steps = sections.get(SURPRISES, [])
    pairs = list(zip(steps[::2], steps[1::2], strict=False))
    found = [(c, o) for c, o in pairs if isinstance(c, Command) and isinstance(o, Output)]
    if not found or 2 * len(found) != len(steps):
        raise PageError(f"{SURPRISES}: not a command and an output by turns")
    return found


def truth() -> list[SandboxVideo]:
    """Three pages of videos: several share a second, one has more views than 32 bits hold."""
    first, *others = history(7, 57)
    return [attrs.evolve(first, view_count=3_000_000_000), *others]


def expected(videos: Sequence[SandboxVideo]) -> str:
    """What a client prints when all goes well: the history, then two looked up and one missing."""
    shown = [f"{video.id} {video.view_count}" for video in videos]
    lines = [f"video {text}" for text in shown] + [f"found {text}" for text in shown[:2]]
    return "\n".join([*lines, "missing 1", ""])


@dataclass(frozen=True)
class Place:
    """An empty directory, and the environment of a reader who sits in it."""

    directory: Path
    environment: Mapping[str, str]

    def follow(self, steps: Iterable[Step]) -> None:
        """Write the files and run the commands, in their order."""
        for step in steps:
            match step:
                case File(name, text):
                    (self.directory / name).write_text(text, encoding="utf-8")
                case Command():
                    self.run(step)

    def run(self, command: Command, *, code: int = 0) -> str:
        """What the command prints; it has to end with this exit code."""
        done = subprocess.run(
            ["/bin/sh", "-eu", "-c", command.text],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode != code:
            raise PageError(
                f"exit code {done.returncode} instead of {code}:\n"
                f"{command.text}{done.stdout}{done.stderr}"
            )
        return done.stdout

    def meet(self, client: Command, output: str, *, code: int = 0) -> None:
        """Run the client, which has to print just this."""
        printed = self.run(client, code=code)
        if printed != output:
            raise PageError(f"{client.text}printed\n{printed}instead of\n{output}")


def environment(box: Sandbox) -> dict[str, str]:
    """What a reader has set: this Python's programs come first, the sandbox is TikTok."""
    path = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    return {
        **os.environ,
        "PATH": os.pathsep.join(path),
        "TIKTOK_BASE_URL": box.base_url,
        "TIKTOK_ACCESS_TOKEN": box.creators[0].access_token,
    }


def try_out(steps: Sequence[Step], troubles: Iterable[tuple[Command, Output]]) -> None:
    """Follow one section, then run its client as often as there is something to meet."""
    *preparation, client = steps
    if not isinstance(client, Command):
        raise PageError("the section does not end with the command that runs its client")
    videos = truth()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory,
        Sandbox(histories=[videos]) as box,
    ):
        place = Place(Path(directory), environment(box))
        place.follow(preparation)
        place.meet(client, expected(videos))
        for command, output in troubles:
            place.run(command)
            place.meet(client, output.text, code=1)


def report(title: str, steps: Sequence[Step], troubles: Iterable[tuple[Command, Output]]) -> bool:
    """Try a section out and say how it went; whether it went well."""
    began = time.monotonic()
    try:
        try_out(steps, troubles)
    except (PageError, subprocess.TimeoutExpired) as error:
        print(f"{title}: {error}", file=sys.stderr, flush=True)
        return False
    print(f"{title}: as the page says, {time.monotonic() - began:.0f} s", flush=True)
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description="Do what docs/languages.md says.")
    parser.add_argument("language", nargs="*", help="how a section's title begins: all, if none")
    wanted = tuple(name.lower() for name in parser.parse_args(arguments).language)
    sections = read(PAGE.read_text(encoding="utf-8"))
    chosen = {
        title: steps
        for title, steps in languages(sections).items()
        if not wanted or title.lower().startswith(wanted)
    }
    if not chosen:
        parser.error(f"the sections are: {', '.join(languages(sections))}")
    # Java offers HTTP/2 with every connection, and the server would note each refusal.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    troubles = surprises(sections)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        reports = [pool.submit(report, *section, troubles) for section in chosen.items()]
    return 0 if all(done.result() for done in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
