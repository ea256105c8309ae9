"""Videos streamed: ``WORKERS COUNT URL``; prints MB resident after 10,000, and at most later."""

import sys
from pathlib import Path

from tiktok_display import DisplayClient


def resident() -> float:
    """MB: https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html"""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096 / 1e6


def main(workers: int, count: int, url: str) -> None:
    """Walk, and look every 10,000 videos."""
    seen = list[float]()
    fields = ["id", "create_time", "view_count"]
    with DisplayClient("act.benchmark", base_url=f"{url}/0/spaced/{count}") as client:
        for number, _ in enumerate(client.list_videos(fields=fields, workers=workers), 1):
            if number % 10_000 == 0:
                seen.append(resident())
    assert number == count
    print(seen[0], max(seen))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
