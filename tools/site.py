"""Build the guide and the reference page into build/site.

The reference is one HTML file with openapi.yaml and Redoc inside. It works from a disk, and it asks
no other host for anything: a policy in its head has the browser itself refuse that.
"""

import base64
import json
import shutil
import subprocess
import sys
from string import Template
from typing import Any

import yaml

from tools.redocly import CURE, NODE
from tools.specification import ROOT, SPEC

DOCS = ROOT / "docs"
SITE = ROOT / "build" / "site"
CACHE = ROOT / "build" / "doctrees"
PAGE = DOCS / "_templates" / "reference.html"
ICON = DOCS / "_static" / "icon.svg"

# Redoc 2, and not `redocly build-docs`: that is Redoc 3, which shows a section only once it is
# scrolled to, so that a reader's search finds nothing, and reports to otel.cloud.redocly.com.
SCRIPT = NODE / "node_modules" / "redoc" / "bundles" / "redoc.standalone.js"
LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"  # the one thing that it loads from elsewhere
NOTHING = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/%3E"

# Otherwise what stands with the security scheme is hidden until a reader unfolds it.
TOKENS = "\n## Tokens\n<SecurityDefinitions />\n"

# https://redocly.com/docs/redoc/v2.x/config
OPTIONS = {
    "disableGoogleFont": True,
    "expandResponses": "200",  # the failures say in one line what they are
    "hideDownloadButton": True,
    "jsonSampleExpandLevel": "all",
    "nativeScrollbars": True,
    "pathInMiddlePanel": True,
    "schemasExpansionLevel": "all",
    "theme": {
        "colors": {"primary": {"main": "#0b5563"}},
        "sidebar": {"width": "250px"},
        "spacing": {"sectionHorizontal": 24, "sectionVertical": 16},
        "typography": {
            "code": {"color": "#8a1c3b", "fontFamily": "ui-monospace, monospace", "wrap": True},
            "fontFamily": "system-ui, sans-serif",
            "headings": {"fontFamily": "system-ui, sans-serif"},
        },
    },
}


class SiteError(Exception):
    """The site cannot be built; the message says why."""


def reference(spec: dict[str, Any], page: str, script: str, icon: str) -> str:
    """The reference page: a template, and what goes into it."""
    found = script.count(LOGO)
    if found != 1:
        raise SiteError(f"Redoc's script names {LOGO} {found} times instead of once")
    if "</script" in script:
        raise SiteError("Redoc's script would end the element that it is to stand in")
    info = spec["info"]
    shown = {**spec, "info": {**info, "description": info["description"] + TOKENS}}
    return Template(page).substitute(
        title=info["title"],
        summary=info["summary"],
        icon=base64.b64encode(icon.encode()).decode(),
        script=script.replace(LOGO, NOTHING),
        spec=embedded(shown),
        options=embedded(OPTIONS),
    )


def embedded(value: object) -> str:
    """JSON for a script element, which no text in it can end."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def script() -> str:
    """Redoc, with its licences, which are comments."""
    if not SCRIPT.exists():
        raise SiteError(f"Redoc is not installed; with Node.js at hand: {CURE}")
    notices = SCRIPT.with_name(f"{SCRIPT.name}.LICENSE.txt")
    return notices.read_text(encoding="utf-8") + SCRIPT.read_text(encoding="utf-8")


def guide() -> None:
    """Have Sphinx build the guide; a warning is an error."""
    shutil.rmtree(SITE, ignore_errors=True)
    run = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx"),
            *("--fail-on-warning", "--nitpicky", "--quiet"),
            "--fresh-env",  # of a page that it has read before it would not warn again
            *("-d", str(CACHE), str(DOCS), str(SITE)),
        ],
        check=False,
    )
    if run.returncode != 0:
        raise SiteError("Sphinx does not like a page; it says above which")


def main() -> int:
    """Build both; the exit code."""
    try:
        guide()
        spec = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
        page, icon = PAGE.read_text(encoding="utf-8"), ICON.read_text(encoding="utf-8")
        built = reference(spec, page, script(), icon)
    except SiteError as error:
        print(f"The site was not built: {error}", file=sys.stderr)
        return 1
    (SITE / "reference.html").write_text(built, encoding="utf-8")
    print(f"{SITE.relative_to(ROOT)}/index.html, {SITE.relative_to(ROOT)}/reference.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
