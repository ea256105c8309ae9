"""A table that grows on the screen, row by row."""

import sys


class Table:
    """Each column is as wide as its title, blanks included; figures stand to the right."""

    def __init__(self, *titles: str) -> None:
        self._widths = [len(title) for title in titles]
        self.row(*titles)

    def row(self, *cells: object) -> None:
        """Print a row."""
        texts = [str(cell) for cell in cells]
        aligned = (
            text.rjust(width) if text[:1].isdigit() else text.ljust(width)
            for text, width in zip(texts, self._widths, strict=True)
        )
        say("  ".join(aligned).rstrip())


def say(text: str) -> None:
    """Print a line now, whoever reads it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
