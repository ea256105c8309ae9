"""What a page of 20 videos costs: CPU seconds of the client, as a ratio to the bare call.

The bare call is what one would write by hand, without signing, refresh, retries, paging or models:
`httpx.Client.post(path, params=, json=).json()`. Both ask the same server for the same pages, in
turns, so that a machine whose speed drifts slows both.
"""

import statistics
import sys
import time
from collections.abc import Callable

import httpx
from server import NEWEST, PAGES, STEP, running

from tiktok_display import ALL, DisplayClient

ROUNDS, TARGET = 15, 1.30
FIELDS = ",".join(ALL)


def bare(client: httpx.Client) -> int:
    """All pages, by hand."""
    count = 0
    for number in range(PAGES):
        body = {"max_count": 20}
        if number:
            body["cursor"] = (NEWEST - (number - 1) * STEP - 19) * 1000
        answer = client.post("/v2/video/list/", params={"fields": FIELDS}, json=body)
        count += len(answer.json()["data"]["videos"])
    return count


def walked(client: DisplayClient) -> int:
    """The same through the wrapper: signed, repeated where needed, checked, as models."""
    return sum(1 for _ in client.list_videos())


def cpu(work: Callable[[], int]) -> float:
    """CPU seconds of this process for one walk of all pages."""
    begun = time.process_time()
    assert work() == PAGES * 20
    return time.process_time() - begun


def main() -> int:
    """Print the table; 1 where the target is missed."""
    headers = {"Authorization": "Bearer act.benchmark"}
    with (
        running() as url,
        httpx.Client(base_url=url, headers=headers, trust_env=False) as by_hand,
        DisplayClient("act.benchmark", base_url=url) as client,
    ):
        cpu(lambda: bare(by_hand)), cpu(lambda: walked(client))
        pairs = [(cpu(lambda: bare(by_hand)), cpu(lambda: walked(client))) for _ in range(ROUNDS)]
    ratios = sorted(ours / theirs for theirs, ours in pairs)
    ratio = statistics.median(ratios)
    theirs, ours = (statistics.median(column) / PAGES * 1e6 for column in zip(*pairs, strict=True))
    print(f"httpx {httpx.__version__}, Python {sys.version.split()[0]}, {ROUNDS} x {PAGES} pages")
    print(f"httpx post and json        {theirs:6.0f} us  1.00")
    print(f"DisplayClient.list_videos  {ours:6.0f} us  {ratio:.2f}", end="  ")
    print(f"({ratios[0]:.2f} .. {ratios[-1]:.2f}, at most {TARGET:.2f} wanted)")
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main())
