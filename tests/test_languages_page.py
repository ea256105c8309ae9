"""The page for other languages: how it is read, and that a client which errs does not pass."""

import json
import re
from pathlib import Path

import pytest

from tools.languages import (
    PAGE,
    SURPRISES,
    Command,
    File,
    Output,
    PageError,
    Step,
    languages,
    read,
    report,
    surprises,
    truth,
    try_out,
)

LOCKED = Path(__file__).parents[1] / "tools" / "node" / "package.json"

SMALL = """
# A page

## Here

```console
$ for people
```

```sh
one
two
```

`main.go`:

```go
package main
```

```json
{"without": "a name"}
```

```sh
run
```

## There

```text
## no heading
```
"""

RIGHT = """
import os
from tiktok_display import ApiError, DisplayClient

with DisplayClient(
    os.environ["TIKTOK_ACCESS_TOKEN"], base_url=os.environ["TIKTOK_BASE_URL"]
) as client:
    try:
        videos = list(client.list_videos(fields=["id", "view_count"]))
    except ApiError as error:
        print("failed", error.code)
        raise SystemExit(1)
    for video in videos:
        print("video", video.id, video.view_count)
    found = client.query_videos([videos[0].id, videos[1].id, "1"], fields=["id", "view_count"])
    for video in found.videos:
        print("found", video.id, video.view_count)
    print("missing", *found.missing)
"""

SPOIL = """
import os
import httpx

faults = os.environ["TIKTOK_BASE_URL"] + "/_sandbox/faults"
rule = {"path": "/v2/video/list/", "code": "new"}
httpx.post(faults, json=rule, trust_env=False).raise_for_status()
"""

TROUBLE = [(Command("python spoil.py\n"), Output("failed new\n"))]


def client(program: str) -> list[Step]:
    """A section that holds one Python program."""
    return [File("spoil.py", SPOIL), File("main.py", program), Command("python main.py\n")]


def page() -> dict[str, list[Step]]:
    return read(PAGE.read_text(encoding="utf-8"))


def test_a_named_block_is_a_file_and_sh_a_command_and_the_rest_is_for_people() -> None:
    assert read(SMALL) == {
        "Here": [
            Command("one\ntwo\n"),
            File("main.go", "package main\n"),
            Command("run\n"),
        ],
        "There": [Output("## no heading\n")],
    }
    assert list(languages(read(SMALL))) == ["Here"]


@pytest.mark.parametrize(
    "broken",
    ["```sh\nnever closed\n", "- in a list\n\n  ```sh\n  run\n  ```\n", "```\nof no kind\n```\n"],
)
def test_a_block_that_would_be_overlooked_is_refused(broken: str) -> None:
    with pytest.raises(PageError, match="block"):
        read(broken)


@pytest.mark.parametrize("order", ["", "C", "OC", "COO", "CFCO"])
def test_surprises_are_commands_and_outputs_by_turns(order: str) -> None:
    kinds = {"C": Command("c"), "O": Output("o"), "F": File("f", "f")}
    with pytest.raises(PageError, match="by turns"):
        surprises({SURPRISES: [kinds[letter] for letter in order]})
    right = [kinds["C"], kinds["O"]]
    assert surprises({SURPRISES: right * 2}) == [tuple(right)] * 2


def test_the_page_has_a_program_in_each_language_and_ends_with_running_it() -> None:
    found = languages(page())
    assert list(found) == [
        "TypeScript with openapi-fetch",
        "TypeScript with Hey API",
        "Go",
        "Java",
        "Python",
    ]
    for steps in found.values():
        assert isinstance(steps[-1], Command)
        assert steps[-1].text.count("\n") == 1


def test_the_page_surprises_with_a_new_code_a_new_field_a_null_and_a_page_of_html() -> None:
    found = surprises(page())
    printed = "".join(output.text for _, output in found)
    assert "null mood=calm\nfailed a_new_code\n" in printed
    assert "failed HTTP 520\n" in printed


def test_the_page_names_the_versions_that_the_project_pins() -> None:
    text = PAGE.read_text(encoding="utf-8")
    pinned = json.loads(LOCKED.read_text(encoding="utf-8"))
    named = dict(re.findall(r"(?<=[ /])((?:@[\w-]+/)?[\w-]+)@(\d[\d.]*)", text))
    shared = pinned["devDependencies"].keys() & named.keys()
    assert shared == {"@hey-api/openapi-ts", "openapi-fetch", "openapi-typescript", "typescript"}
    assert {name: named[name] for name in shared} == {
        name: pinned["devDependencies"][name] for name in shared
    }
    assert len(set(re.findall(r"openapi-generator-cli\S*==[\d.]+", text))) == 1


def test_a_second_is_shared_across_the_edge_of_a_page_and_views_need_64_bits() -> None:
    videos = truth()
    assert videos[19].create_time == videos[20].create_time
    assert max(video.view_count for video in videos) > 1 << 31
    assert len(videos) > 40


def test_a_client_that_finds_everything_and_names_the_code_passes() -> None:
    try_out(client(RIGHT), TROUBLE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('list(client.list_videos(fields=["id", "view_count"]))', "[]"),
        ('"video", video.id', '"video", float(video.id)'),
        ('print("missing"', 'print("lacking"'),
        ('"failed", error.code', '"failed"'),
        ("SystemExit(1)", "SystemExit(0)"),
    ],
)
def test_a_client_that_errs_does_not_pass(old: str, new: str) -> None:
    assert old in RIGHT
    with pytest.raises(PageError):
        try_out(client(RIGHT.replace(old, new)), TROUBLE)


def test_a_section_that_does_not_end_with_its_client_is_refused() -> None:
    with pytest.raises(PageError, match="does not end"):
        try_out([File("main.py", RIGHT)], [])


def test_a_command_that_fails_is_shown_with_what_it_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    steps = [Command("no-such-compiler main.x\n"), Command("true\n")]
    assert not report("X", steps, [])
    said = capsys.readouterr().err
    assert said.startswith("X: exit code 127 instead of 0:\nno-such-compiler main.x\n")
    assert "not found" in said
