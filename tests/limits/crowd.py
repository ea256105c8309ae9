"""Processes that ask for as much as they can get: ``URL KEY QUOTA WINDOW SECONDS``. Each writes
between which moments (s, the machine's clock) it was admitted, each time.
"""

import json
import sys
import time

from tiktok_display import RateLimit


def spans(limit: RateLimit, seconds: float) -> list[tuple[float, float]]:
    """When one process was admitted, which asks again as soon as it may."""
    admitted, end = list[tuple[float, float]](), time.monotonic() + seconds
    while (begun := time.monotonic()) < end:
        if wait := limit.reserve("/v2/video/list/"):
            time.sleep(min(wait, end - begun))
        else:
            admitted.append((begun, time.monotonic()))
    return admitted


if __name__ == "__main__":
    url, key, quota, window, seconds = sys.argv[1:]
    limit = RateLimit(url, key=key, quota=int(quota), window=float(window), share=1.0)
    sys.stdout.write(json.dumps(spans(limit, float(seconds))))
