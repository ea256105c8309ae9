"""Histories of the shapes that creators have, as the moments of their videos (s)."""

import random
from collections import Counter

NOW, DAY, YEARS = 1_790_000_000, 86_400, 6 * 365 * 86_400
MOST_A_SECOND = 19  # what a cursor can divide


def uniform(draw: random.Random, count: int) -> list[float]:
    """The same every day."""
    return [NOW - draw.random() * YEARS for _ in range(count)]


def bursty(draw: random.Random, count: int) -> list[float]:
    """Campaigns of 50 to 400 videos within a few days, and nothing between them."""
    moments: list[float] = []
    while len(moments) < count:
        begun, days = NOW - draw.random() * YEARS, draw.choice([0.2, 1, 3])
        moments += [begun - draw.random() * days * DAY for _ in range(draw.randint(50, 400))]
    return moments[:count]


def zipf(draw: random.Random, count: int) -> list[float]:
    """A few days with very many videos, many days with a few."""
    weights = [1 / (rank + 1) for rank in range(2_000)]
    draw.shuffle(weights)
    days = draw.choices(range(2_000), weights, k=count)
    return [NOW - (day + draw.random()) * DAY for day in days]


def growing(draw: random.Random, count: int) -> list[float]:
    """More and more."""
    return [NOW - YEARS * (1 - draw.random() ** 0.25) for _ in range(count)]


def one_day(draw: random.Random, count: int) -> list[float]:
    """All within a day."""
    return [NOW - draw.random() * DAY for _ in range(count)]


def spaced(_: random.Random, count: int) -> list[float]:
    """One every minute, none of which shares a second with another."""
    return [NOW - 60.0 * number for number in range(count)]


SHAPES = (uniform, bursty, zipf, growing, one_day)


def seconds(moments: list[float]) -> list[int]:
    """Whole seconds, with no more videos in one than a cursor can divide."""
    found = Counter(int(moment) for moment in moments)
    return [at for at, many in found.items() for _ in range(min(many, MOST_A_SECOND))]
