"""The structure: which room may import which, and how large the core may be."""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "wrapper" / "tiktok_display"

# What each room may import of ours: arrows run down only.
ARROWS = {
    "version": set[str](),
    "answers": set[str](),
    "addresses": set[str](),
    "errors": {"answers"},
    "videos": {"generated"},
    "secret": set[str](),
    "forks": set[str](),
    "limits": {"addresses", "errors", "forks", "secret"},
    "stores": {"addresses", "errors", "forks", "lazy", "secret", "transport"},
    "policies": {"errors"},
    "arguments": {"errors", "generated"},
    "transport": {"answers", "errors", "forks", "policies", "version"},
    # A login has no client yet that could lend it its way to TikTok, as a refresh has.
    "auth": {"answers", "bearer", "errors", "forks", "lazy", "secret", "stores", "transport"},
    "http": {"answers", "errors", "policies", "secret", "transport"},
    "walks": {"arguments", "errors", "generated"},
    "history": {"arguments", "generated", "walks"},
    "crews": {"forks", "policies"},
    "lazy": set[str](),
    "bearer": {"secret"},
    "pages": {"crews", "errors", "generated", "history", "policies"},
    "clients": {
        "arguments",
        "auth",
        "bearer",
        "crews",
        "errors",
        "generated",
        "history",
        "http",
        "pages",
        "policies",
        "transport",
        "walks",
    },
    "sync": {
        "addresses",
        "auth",
        "clients",
        "errors",
        "forks",
        "generated",
        "limits",
        "secret",
        "stores",
    },
    "dlt": {"addresses", "errors", "sync"},
    "sandbox": set[str](),  # nothing of the client: what it is tested against
}
KNOW_THE_GENERATED = {
    "arguments",
    "clients",
    "history",
    "pages",
    "sync",
    "videos",
    "walks",
    "__init__",
}
# The core is what every call runs through, but for the list of its names; rooms with a folder of
# their own are read by themselves.
BUDGETS = {"core": 1_250, "crews": 285, "limits": 320, "auth": 1_330, "transport": 540}
FILE_LINES = 300


def rooms() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path


def imports(path: Path) -> Iterator[str]:
    """The rooms that a file imports from, its own included."""
    folder = path.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = folder[: len(folder) - node.level + 1]
            target = [*base, *(node.module or "").split(".")]
            yield from [target[0]] if target[0] else [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names = (
                [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            )
            for name in names:
                top, _, rest = str(name).partition(".")
                if top == "tiktok_display_api":
                    yield "generated"
                elif top == "tiktok_display":
                    yield rest.split(".")[0] or "__init__"


@pytest.mark.parametrize("room", [*ARROWS, "cli"])
def test_arrows_run_down_only(room: str) -> None:
    found = {target for name, path in rooms() if name == room for target in imports(path)} - {room}
    if room in ARROWS:
        assert found <= ARROWS[room]
    else:  # the command line uses what every caller uses, and the sandbox
        assert "http" not in found


def test_every_room_is_known() -> None:
    names = {name for name, _ in rooms()}
    assert names <= {*ARROWS, "cli", "__init__"}


def test_only_a_few_know_the_generated_package() -> None:
    knowing = {name for name, path in rooms() if "generated" in imports(path)}
    assert knowing - {"cli"} <= KNOW_THE_GENERATED


def code_lines(path: Path) -> int:
    """Lines of code: neither blank, nor comment, nor docstring."""
    source = path.read_text(encoding="utf-8")
    silent = {
        tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
        tokenize.ENDMARKER,
    }  # fmt: skip
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in silent:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            lines -= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(lines)


def test_every_room_stays_small() -> None:
    beside = {"addresses", "sandbox", "cli", "dlt", "stores", "sync", "__init__"}
    sizes = dict.fromkeys(BUDGETS, 0)
    for name, path in rooms():
        if name not in beside:
            sizes[name if name in BUDGETS else "core"] += code_lines(path)
    assert {room: size for room, size in sizes.items() if size > BUDGETS[room]} == {}


def test_every_file_stays_readable() -> None:
    longest = {p.name: len(p.read_text(encoding="utf-8").splitlines()) for _, p in rooms()}
    assert {name: lines for name, lines in longest.items() if lines > FILE_LINES} == {}
