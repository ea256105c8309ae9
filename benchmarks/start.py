"""What it costs to begin, in CPU seconds: an import, and a process up to its first page."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from measure import Figure, figure, one_core

ROUNDS = 320
IMPORT = "import time; begun = time.process_time(); import {}; print(time.process_time() - begun)"
OURS = """
from tiktok_display import DisplayClient
with DisplayClient("act.benchmark", base_url=URL) as client:
    print(len(next(client.list_videos().by_page()).videos))
"""
BARE = """
import httpx
fields = (
    "id,create_time,cover_image_url,share_url,video_description,duration,height,width,title,"
    "embed_html,embed_link,like_count,comment_count,share_count,view_count,is_aigc"
)
with httpx.Client(base_url=URL, headers={"Authorization": "Bearer act.benchmark"}) as client:
    answer = client.post("/v2/video/list/", params={"fields": fields}, json={"max_count": 20})
    print(len(answer.json()["data"]["videos"]))
"""


def seconds(*programs: str) -> list[float]:
    """What each prints last. They run at once."""
    run = partial(subprocess.run, stdout=subprocess.PIPE, text=True, check=True)
    with ThreadPoolExecutor(len(programs)) as pool:
        done = pool.map(run, [[sys.executable, "-c", program] for program in programs])
        return [float(each.stdout.splitlines()[-1]) for each in done]


def ratios(ours: str, theirs: str, rounds: int) -> Iterator[float]:
    """The CPU seconds of a program in parts of the other's."""
    seconds(ours, theirs)  # writes the byte code
    with one_core():
        for _ in range(rounds):
            of_ours, of_theirs = seconds(ours, theirs)
            yield of_ours / of_theirs


def starts(url: str, rounds: int = ROUNDS) -> Iterator[Figure]:
    """Both rows."""
    ours, theirs = IMPORT.format("tiktok_display"), IMPORT.format("httpx")
    yield figure("import", *ratios(ours, theirs, rounds))
    head, tail = f"URL = {url + '/0/spaced/400'!r}\n", "import time; print(time.process_time())"
    yield figure("first page", *ratios(head + OURS + tail, head + BARE + tail, rounds // 2))


if __name__ == "__main__":  # by another Python
    print(next(starts(sys.argv[1], int(sys.argv[2]))).value)
