"""What stores have in common: whose errors leave them, and how they end."""

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ParamSpec, Self, TypeVar

from ..errors import TokenStoreError

_P = ParamSpec("_P")
_R = TypeVar("_R")


def raising_store_errors(
    kinds: type[Exception] | tuple[type[Exception], ...], describe: Callable[[Exception], str]
) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """A decorator: what the driver raises becomes a `TokenStoreError` that ``describe`` words.

    It is raised outside of the handler: a driver's error may hold what was to be stored, and must
    not hang on ours as its context.
    """

    def decorate(method: Callable[_P, _R]) -> Callable[_P, _R]:
        @functools.wraps(method)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            try:
                return method(*args, **kwargs)
            except kinds as error:
                failure = TokenStoreError(describe(error))
            raise failure

        return guarded

    return decorate


class Closing(ABC):
    """A store in a ``with``."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
