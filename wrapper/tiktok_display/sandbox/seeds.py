"""Randomness that can be repeated."""

import random


def stream(purpose: str, seed: int) -> random.Random:
    """A source of random numbers for one purpose: the same seed gives the same numbers, and what
    another purpose draws changes nothing.
    """
    return random.Random(f"{purpose}:{seed}")  # noqa: S311 - to be repeated, not to be secret
