"""Tables that the tests make are shown at the end of the run, whether it passed or not."""

from collections.abc import Callable, Iterable

import pytest

TABLES = pytest.StashKey[list[str]]()

Show = Callable[[str, Iterable[str]], None]


@pytest.fixture(scope="session")
def show(pytestconfig: pytest.Config) -> Show:
    """Keep a table, by its title and its lines, for the end of the run."""
    tables = pytestconfig.stash.setdefault(TABLES, [])
    return lambda title, lines: tables.append("\n".join([title, "", *lines]))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for table in config.stash.get(TABLES, []):
        terminalreporter.write(f"\n{table}\n")
