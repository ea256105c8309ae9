"""Change auth/ and stores/ in thousands of small ways, and see which changes no test notices.

mutmut wants the sources under src/, so it works in a copy. There no traceback is asked for its
locals, for mutmut's own frames stand in each and show the arguments of every call; and tests that
start processes are left out, for those would run the unchanged code. The servers are started once,
not anew for each of the changes.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.stores.servers import postgres, redis
from tools.specification import ROOT

MUTMUT = [sys.executable, "-m", "mutmut"]
PASSED = 0.9  # of all changes that a test must notice
MUTATED = ["auth", "stores"]
TESTS = ["tests/auth", "tests/stores"]
UNFIT = "not process and not killed and not frozen and not fork"

CONFIG = f"""
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider", "-x", "-q"]
filterwarnings = ["error"]

[tool.mutmut]
source_paths = ["src"]
only_mutate = {json.dumps([f"src/tiktok_display/{room}/*" for room in MUTATED])}
also_copy = ["openapi.yaml"]
pytest_add_cli_args = ["-k", {json.dumps(UNFIT)}]
pytest_add_cli_args_test_selection = {json.dumps(TESTS)}
mutate_only_covered_lines = true
use_git_change_detection = false
"""


def copy(to: Path) -> None:
    """What mutmut works on."""
    shutil.rmtree(to, ignore_errors=True)
    (to / "src").mkdir(parents=True)
    for folder in ("wrapper", "generated"):
        shutil.copytree(ROOT / folder, to / "src", dirs_exist_ok=True)
    shutil.copytree(ROOT / "tests", to / "tests")
    for file in (to / "tests").rglob("*.py"):
        text = file.read_text(encoding="utf-8").replace("capture_locals=True", "")
        file.write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "openapi.yaml", to)
    (to / "pyproject.toml").write_text(CONFIG, encoding="utf-8")


def main(folder: str, *names: str) -> int:
    """Work in ``folder``; ``names`` are patterns of changes to try again alone."""
    work = Path(folder) / "mutation"
    if not names:
        copy(work)
    with postgres() as dsn, redis() as url:
        environment = {
            **os.environ,
            "TIKTOK_DISPLAY_TEST_POSTGRES": dsn,
            "TIKTOK_DISPLAY_TEST_REDIS": url,
        }
        command = [*MUTMUT, "run", *names]
        subprocess.run(command, cwd=work, env=environment, check=True)
    subprocess.run([*MUTMUT, "results"], cwd=work, check=True)
    subprocess.run([*MUTMUT, "export-cicd-stats"], cwd=work, check=True, capture_output=True)
    figures = json.loads((work / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    noticed = figures["killed"] + figures["timeout"]
    share = noticed / figures["total"]
    print(f"{noticed} of {figures['total']} changes noticed: {share:.1%}")
    return 0 if share >= PASSED else 1


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(*sys.argv[1:]))
