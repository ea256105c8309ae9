"""The fixtures that come with the package."""

import subprocess
import sys

from tiktok_display import DisplayClient
from tiktok_display.sandbox import Sandbox


def test_the_client_lists_the_videos_of_the_sandboxs_first_creator(
    tiktok_sandbox: Sandbox, tiktok_client: DisplayClient
) -> None:
    listed = [video.id for video in tiktok_client.list_videos()]
    assert listed == [video.id for video in tiktok_sandbox.creators[0].videos]


def test_nothing_of_the_package_is_loaded_before_a_fixture_is_used() -> None:
    program = "import sys, tiktok_display_pytest; print('tiktok_display' in sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert loaded.strip() == "False"
