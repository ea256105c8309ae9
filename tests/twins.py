"""Whether a synchronous and an asynchronous thing have the same face."""

import inspect
import re


def assert_twins(sync: object, asynchronous: object) -> None:
    """The same public names with the same parameters and, but for ``async``, the same types."""
    assert _face(sync) == _face(asynchronous)


def _face(thing: object) -> dict[str, str]:
    if inspect.isclass(thing):
        names = [name for name in dir(thing) if not name.startswith("_") or name == "__init__"]
        members = {name: inspect.getattr_static(thing, name) for name in names}
    else:
        members = {"itself": thing}
    return {name: _plain(_signature(member)) for name, member in members.items()}


def _signature(member: object) -> str:
    if isinstance(member, property):
        member = member.fget
    return str(inspect.signature(member)) if callable(member) else type(member).__name__


def _plain(signature: str) -> str:
    """A signature without what tells the twins apart."""
    signature = signature.replace("<function sleep at", "<").replace("built-in function sleep", "")
    signature = re.sub(r"sleep: .*?(?= ?\)|, [a-z]+:)", "sleep", signature)
    return re.sub(
        r"\bAsync|\basync_|(?:collections\.abc\.)?Awaitable\[([\w.]+)\]", r"\1", signature
    )
