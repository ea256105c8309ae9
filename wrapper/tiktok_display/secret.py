"""What keeps secrets out of sight: of a repr, of a pickle, of a traceback's locals."""

from typing import NoReturn


class Secret:
    """A mixin for whatever holds a secret: nothing pickles it, into a queue, a cache or a report.

    What the class shows of itself is its own business: fields with ``repr=False``.
    """

    __slots__ = ()

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a secret and is not pickled")


class SecretForm(Secret, dict[str, str]):
    """A form that shows nothing of itself, in a repr or among a traceback's locals."""

    def __repr__(self) -> str:
        return f"<form with {', '.join(self)}>"

    def only(self, *names: str) -> "SecretForm":
        """As much of it as has these names."""
        return SecretForm({name: self[name] for name in names if name in self})
