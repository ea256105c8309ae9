"""Edits of openapi.yaml as somebody would make them, read from a list of small diffs.

=== the name of an edit [what it is for]
@@ a line that it comes after, if what follows does not stand in one place only
a line that stays
-a line that goes, or what it begins with…
+a line that comes
"""

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen


@frozen
class Exchange:
    """Lines that are exchanged for others: the only such lines, or the first behind an anchor."""

    anchor: str
    old: list[str]
    new: list[str]

    def apply(self, lines: list[str]) -> list[str]:
        start = [line.strip() for line in lines].index(self.anchor) if self.anchor else 0
        found = [at for at in range(start, len(lines)) if self.fits(lines[at:])]
        assert found, f"nowhere behind {self.anchor!r}: {self.old}"
        assert self.anchor or len(found) == 1, f"{len(found)} times: {self.old}"
        return [*lines[: found[0]], *self.new, *lines[found[0] + len(self.old) :]]

    def fits(self, lines: list[str]) -> bool:
        return len(lines) >= len(self.old) and all(
            line.startswith(old[:-1]) if old.endswith("…") else line == old
            for line, old in zip(lines, self.old, strict=False)
        )


@frozen
class Edit:
    name: str
    purpose: str
    exchanges: list[Exchange]

    def apply(self, source: str) -> str:
        lines = source.splitlines()
        for exchange in self.exchanges:
            lines = exchange.apply(lines)
        return "\n".join(lines) + "\n"


def edits(path: Path) -> list[Edit]:
    """The edits of a list; no two have the same name."""
    listed = re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = [edit(*text.split("\n", 1)) for text in listed]
    assert len({one.name for one in found}) == len(found)
    return found


def edit(head: str, diff: str) -> Edit:
    name, _, purpose = head.partition(" [")
    return Edit(name, purpose.removesuffix("]"), list(exchanges(diff)))


def exchanges(diff: str) -> Iterator[Exchange]:
    for hunk in re.split(r"^@@", f"@@\n{diff}", flags=re.MULTILINE)[1:]:
        anchor, _, text = hunk.partition("\n")
        lines = [line for line in text.splitlines() if line]
        if lines:
            yield Exchange(
                anchor.strip(),
                [line[1:] for line in lines if line[0] in " -"],
                [line[1:] for line in lines if line[0] in " +"],
            )
