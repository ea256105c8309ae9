"""What the rounds of `killed` have come to."""

from collections import Counter
from typing import ClassVar

from attrs import Factory, define

from tests.scale.tables import Differences
from tests.scale.town import Counted


@define
class Tally:
    """The figures of a scene.

    Attributes:
        creators: in it.
        kills: by what was killed...
        amid: ...and how many of them came before the run was over.
        runs: that were begun.
        repeated: visits that were begun again, by what TikTok was asked for.
        requests, refreshes: that TikTok has counted.
        lost: logins, by the tables...
        misnamed: ...and those of another reason than that the next pair was lost.
        strangers: creators of whom the store has other tokens than TikTok, at the end.
        differences: between the tables and the truth, of all rounds.
        seconds: for everything.
    """

    TITLES: ClassVar = (
        "kills           ", "amid a run", "runs", "repeated", "requests", "refreshes",
        "lost logins", "misnamed", "strangers", "missing", "doubled", "wrong", "time ",
    )  # fmt: skip

    creators: int
    kills: Counter[str] = Factory(Counter)
    amid: int = 0
    runs: int = 0
    repeated: int = 0
    requests: int = 0
    refreshes: int = 0
    lost: int = 0
    misnamed: int = 0
    strangers: int = 0
    differences: Differences = Factory(Differences)
    seconds: float = 0.0

    def count(self, counted: Counted, differences: Differences) -> None:
        """What a round has come to, in which each creator had to be visited once."""
        self.repeated += counted.walks - self.creators
        self.requests += counted.requests
        self.refreshes += counted.refreshes
        self.differences = self.differences.plus(differences)

    @property
    def is_good(self) -> bool:
        """Whether all rows are right, and every login is at hand or was called lost."""
        return self.differences == Differences() and not self.misnamed and not self.strangers

    @property
    def cells(self) -> tuple[object, ...]:
        """For the table."""
        missing, strange, doubled, wrong = self.differences
        kinds = " + ".join(str(number) for _, number in sorted(self.kills.items()))
        return (
            kinds, self.amid, self.runs, self.repeated, self.requests, self.refreshes, self.lost,
            self.misnamed, self.strangers, missing, strange + doubled, wrong,
            f"{self.seconds:.0f} s",
        )  # fmt: skip
