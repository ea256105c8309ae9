"""What a value has to be: validators for attrs. Rules come as JSON, settings from people, so what a
type checker would say has to be said again.
"""

import re
from collections.abc import Callable, Mapping
from math import inf
from typing import Any

import attrs

Check = Callable[[object, "attrs.Attribute[Any]", object], None]

_HEADER_NAME = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_HEADER_VALUE = re.compile(r"(?:[!-~\x80-\xff]+(?:[ \t]+[!-~\x80-\xff]+)*)?")
_FRAMING = {"content-length", "transfer-encoding"}


def kind(*kinds: type) -> Check:
    """One of these types; else ``TypeError``."""

    def check(_: object, option: "attrs.Attribute[Any]", value: object) -> None:
        if not isinstance(value, kinds):
            raise TypeError(f"{option.name} cannot be a {type(value).__name__}")

    return check


def number(least: float, most: float = inf, *, whole: bool = False) -> Check:
    """``None``, or a number (else ``TypeError``) within these bounds (else ``ValueError``)."""

    def check(_: object, option: "attrs.Attribute[Any]", value: object) -> None:
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise TypeError(f"{option.name} cannot be a {type(value).__name__}")
        if not least <= value <= most:
            bounds = f"at least {least}" if most == inf else f"{least} to {most}"
            raise ValueError(f"{option.name} must be {bounds}")

    return check


def one_of(*words: str) -> Check:
    """One of these words; else ``ValueError``."""

    def check(_: object, option: "attrs.Attribute[Any]", value: object) -> None:
        if value not in words:
            raise ValueError(f"{option.name} must be one of {', '.join(words)}")

    return check


def headers(_: object, option: "attrs.Attribute[Any]", value: object) -> None:
    """Texts by name (else ``TypeError``) that can be sent as they are (else ``ValueError``)."""
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise TypeError(f"{option.name} must be texts by name")
    for name, text in value.items():
        if _HEADER_NAME.fullmatch(name) is None:
            raise ValueError(f"{option.name} cannot have the name {name!r}")
        if name.lower() in _FRAMING:
            raise ValueError(f"{option.name} cannot set {name}: it follows from the body")
        if _HEADER_VALUE.fullmatch(text) is None:
            raise ValueError(
                f"{option.name} must be visible latin-1 with blanks only between: {name} is not"
            )
