"""What it costs to begin: an import by itself, and a process that ends with its first page, in
CPU seconds.
"""

import resource
import subprocess
import sys
from collections.abc import Iterator

from measure import Figure, figure

ROUNDS = 120
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


def cost(program: str) -> float:
    """The CPU seconds of a process that runs it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def imported(name: str) -> float:
    """The CPU seconds of an import, the first in a process."""
    program = f"import time; begun = time.process_time(); import {name}"
    command = [sys.executable, "-c", f"{program}; print(time.process_time() - begun)"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def starts(url: str, rounds: int = ROUNDS) -> Iterator[Figure]:
    """Both rows."""
    ours, bare = (f"URL = {url + '/0/spaced/400'!r}\n{program}" for program in (OURS, BARE))
    cost(ours), cost(bare)  # writes the byte code
    imported("tiktok_display"), imported("httpx")
    ratios = [imported("tiktok_display") / imported("httpx") for _ in range(rounds)]
    yield figure("import", *ratios)
    yield figure("first page", *[cost(ours) / cost(bare) for _ in range(rounds // 2)])


if __name__ == "__main__":  # by another Python
    print(next(starts(sys.argv[1], int(sys.argv[2]))).value)
