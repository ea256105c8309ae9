"""Generate what is under generated/ from openapi.yaml, or check that it is current.

The generator's own templates are right but for a few lines, which are exchanged in a temporary
copy. The copy is taken from the installed generator each time, so nothing of it is kept here, and a
line that is no longer found where it was stops the generation instead of passing unnoticed.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import yaml

from tools import derive
from tools.specification import ROOT, SPEC

CONFIG = ROOT / "generator-config.yaml"
GENERATED = ROOT / "generated"
PACKAGE = "tiktok_display_api"
OLDER = "openapi-3.0.json"  # the document for tools that know no other
CURE = "nox -s regenerate"

# Another version of either writes other bytes. The same pins stand in pyproject.toml.
PINNED = {"openapi-python-client": "0.29.1", "ruff": "0.17.6"}


class GenerationError(Exception):
    """The package cannot be generated; the message says why."""


@dataclass(frozen=True)
class Replacement:
    """One exact change to one template of the generator."""

    template: str
    old: str
    new: str
    why: str

    def apply(self, text: str) -> str:
        """Exchange the text, which has to occur exactly once."""
        found = text.count(self.old)
        if found != 1:
            raise GenerationError(
                f"{self.template} holds this {found} times instead of once:\n{self.old}\n"
                f"It is to be exchanged because: {self.why}"
            )
        return text.replace(self.old, self.new)


REPLACEMENTS = (
    Replacement(
        "endpoint_macros.py.jinja",
        """params["{{ property.name | in_double_quote_literal }}"] = {{ destination }}""",
        """params["{{ property.name | in_double_quote_literal }}"] = """
        """{{ '",".join(' + destination + ')' """
        """if property.template == "list_property.py.jinja" else destination }}""",
        "The generator ignores `explode: false` and would repeat the parameter for each value.",
    ),
    Replacement(
        "endpoint_module.py.jinja",
        """\
    return Response(
        status_code=HTTPStatus(response.status_code),
""",
        """\
    try:
        parsed = _parse_response(client=client, response=response)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise errors.UnexpectedBody(response.status_code, response.content) from error
    return Response(
        status_code=response.status_code,
""",
        "HTML, cut JSON and missing keys would surface as whatever the parser stumbled over, "
        "and a code outside the standard, such as 520, is no HTTPStatus.",
    ),
    Replacement(
        "endpoint_module.py.jinja",
        "parsed=_parse_response(client=client, response=response),",
        "parsed=parsed,",
        "The body is parsed before the answer is put together.",
    ),
    Replacement(
        "endpoint_macros.py.jinja",
        "    errors.UnexpectedStatus: If the server returns an undocumented status code"
        " and Client.raise_on_unexpected_status is True.\n",
        "    errors.UnexpectedBody: If the body is not what the document describes for its status:"
        " HTML, cut JSON, a missing key.\n",
        "Every status is documented here; the body is what can surprise.",
    ),
    Replacement(
        "errors.py.jinja",
        """__all__ = ["UnexpectedStatus"]""",
        '''\
class UnexpectedBody(UnexpectedStatus):
    """Raised by api functions when the body is not what the document describes for its status

    ``status_code`` and ``content`` hold the whole answer; the message quotes only its beginning.
    """

    def __init__(self, status_code: int, content: bytes):
        super().__init__(status_code, content)
        excerpt = content[:200].decode(errors="replace")
        self.args = (f"Unexpected body with status code {status_code}: {excerpt!r}",)

__all__ = ["UnexpectedBody", "UnexpectedStatus"]''',
        "The error that the api functions raise in place of the parser's own.",
    ),
    Replacement(
        "client.py.jinja",
        """"token": namespace(type="str", default="",""",
        """"token": namespace(type="str", default="field(repr=False)",""",
        "The token would be shown wherever the client is printed.",
    ),
    Replacement(
        "client.py.jinja",
        """field(factory=dict, kw_only=True, alias="headers")""",
        """field(factory=dict, kw_only=True, alias="headers", repr=False)""",
        "The client writes the token among its headers at the first request.",
    ),
    Replacement(
        "client.py.jinja",
        """field(default=None, kw_only=True, alias="timeout")""",
        """field(default=httpx.Timeout(5.0), kw_only=True, alias="timeout")""",
        "None switches httpx's own timeout off, and a call could hang for ever.",
    ),
    Replacement(
        "types.py.jinja",
        '''\
@define
class File:
    """ Contains information for file uploads """

    payload: BinaryIO
    file_name: str | None = None
    mime_type: str | None = None
''',
        '''\
class File:
    """ Contains information for file uploads """

    def __init__(
        self, payload: BinaryIO, file_name: str | None = None, mime_type: str | None = None
    ):
        self.payload, self.file_name, self.mime_type = payload, file_name, mime_type
''',
        "Nothing is uploaded here, and a class of attrs takes half a millisecond to make.",
    ),
    Replacement(
        "types.py.jinja",
        '''\
@define
class Response(Generic[T]):
    """ A response from an endpoint """

    status_code: HTTPStatus
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None
''',
        '''\
class Response(Generic[T]):
    """ A response from an endpoint """

    def __init__(
        self, status_code: int, content: bytes, headers: MutableMapping[str, str], parsed: T | None
    ):
        self.status_code, self.content = status_code, content
        self.headers, self.parsed = headers, parsed
''',
        "Gateways answer with codes outside the standard; and as above.",
    ),
    Replacement(
        "package_init.py.jinja",
        "from .client import AuthenticatedClient, Client\n",
        """\
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import client

    return getattr(client, name)

""",
        "Whoever needs the models alone does not pay for a client.",
    ),
    Replacement(
        "models_init.py.jinja",
        """\
{% for import in imports | sort %}
{{ import }}
{% endfor %}
""",
        """\
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
{% for import in imports | sort %}
    {{ import }}
{% endfor %}

_MODULES = {
{% for import in imports | sort %}
    "{{ import.split()[3] }}": "{{ import.split()[1] }}",
{% endfor %}
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)

""",
        "A model takes as long to import as a page to be read, and few programs need them all.",
    ),
)


def generate(target: Path, spec: Path = SPEC) -> None:
    """Write all that is made from `spec` into the directory `target`, which is deleted first."""
    check_target(target)
    bin_directory = check_tools()
    with tempfile.TemporaryDirectory() as temporary:
        templates, output = Path(temporary, "templates"), Path(temporary, "generated")
        write_templates(templates)
        run_generator(bin_directory, spec, templates, output / PACKAGE)
        (output / PACKAGE / "py.typed").touch()
        (output / PACKAGE / "provenance.py").write_text(provenance(spec), encoding="utf-8")
        (output / OLDER).write_text(older(spec), encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(output, target)


def provenance(spec: Path) -> str:
    """A module that says what the package was made from: so whoever has both can compare them."""
    document = spec.read_bytes()
    version = yaml.safe_load(document)["info"].get("version")
    if not isinstance(version, str):
        raise GenerationError(f"{spec} does not say its version as text")
    return f'''"""What this package was made from, and by what"""

SPEC_SHA256 = "{hashlib.sha256(document).hexdigest()}"
SPEC_VERSION = "{version}"
GENERATOR = "openapi-python-client {PINNED["openapi-python-client"]}"
'''


def older(spec: Path) -> str:
    """The document in OpenAPI 3.0, as JSON."""
    try:
        return derive.text(yaml.safe_load(spec.read_bytes()))
    except derive.DerivationError as error:
        raise GenerationError(str(error)) from error


def check_target(target: Path) -> None:
    """Refuse a directory that holds something else than generated code: it will be deleted."""
    if target.exists() and any(target.iterdir()) and not (target / PACKAGE).is_dir():
        raise GenerationError(f"{target} holds no {PACKAGE}, it is left alone")


def check_tools() -> Path:
    """The directory of this environment's programs, once the pinned ones are known to be in it."""
    for name, pinned in PINNED.items():
        if version(name) != pinned:
            raise GenerationError(f"{name} {pinned} is needed, {version(name)} is installed")
    bin_directory = Path(sys.executable).parent
    if shutil.which("ruff", path=bin_directory) is None:
        raise GenerationError("ruff is not installed beside this Python")
    return bin_directory


def write_templates(target: Path, replacements: Iterable[Replacement] = REPLACEMENTS) -> None:
    """Write the changed templates, and those alone, into the new directory `target`."""
    target.mkdir()
    upstream = files("openapi_python_client") / "templates"
    for replacement in replacements:
        changed = target / replacement.template
        source = changed if changed.exists() else upstream / replacement.template
        changed.write_text(replacement.apply(source.read_text(encoding="utf-8")), encoding="utf-8")


def run_generator(bin_directory: Path, spec: Path, templates: Path, output: Path) -> None:
    """Run the generator, with this environment's ruff before any other."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate"),
            *("--path", str(spec)),
            *("--config", str(CONFIG)),
            *("--custom-template-path", str(templates)),
            *("--output-path", str(output)),
            *("--meta", "none"),
            "--fail-on-warning",
        ],
        env={
            **os.environ,
            "PATH": os.pathsep.join([str(bin_directory), os.environ.get("PATH", "")]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        raise GenerationError(f"the generator failed\n{run.stdout}{run.stderr}")


def differences(have: Path, want: Path) -> list[str]:
    """What tells two directories apart, both ways and by the byte; empty if nothing does."""
    present, expected = contents(have), contents(want)
    common = present.keys() & expected.keys()
    found = (
        dict.fromkeys(expected.keys() - common, "missing")
        | dict.fromkeys(present.keys() - common, "stray")
        | dict.fromkeys((path for path in common if present[path] != expected[path]), "differs")
    )
    return [f"{path}: {what}" for path, what in sorted(found.items())]


def contents(directory: Path) -> dict[str, bytes]:
    """The files below a directory, by relative path; Python's own caches do not count."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def report(found: Sequence[str]) -> int:
    """Print the differences and their cure; the exit code."""
    if not found:
        return 0
    print("What is generated is not what openapi.yaml makes:", *found, sep="\n  ")
    print(f"Cure: {CURE}")
    return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(
        description="Generate the low-level package, and the 3.0 form, from openapi.yaml."
    )
    parser.add_argument(
        "--check", action="store_true", help="change nothing, fail if the package is out of date"
    )
    parser.add_argument(
        "--spec", type=Path, default=SPEC, metavar="PATH", help="another openapi.yaml"
    )
    parser.add_argument(
        "--generated", type=Path, default=GENERATED, metavar="PATH", help="another generated/"
    )
    options = parser.parse_args(arguments)
    try:
        if not options.check:
            generate(options.generated, options.spec)
            return 0
        with tempfile.TemporaryDirectory() as temporary:
            fresh = Path(temporary, "generated")
            generate(fresh, options.spec)
            return report(differences(options.generated, fresh))
    except GenerationError as error:
        print(f"Nothing was generated: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
