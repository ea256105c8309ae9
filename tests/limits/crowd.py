"""Processes that ask for as much as they can get: ``URL KEY QUOTA WINDOW SECONDS``. Each writes the
moments (s, the machine's clock) at which it was admitted.
"""

import json
import sys
import time

from tiktok_display import RateLimit


def moments(limit: RateLimit, seconds: float) -> list[float]:
    """When one process was admitted, which asks again as soon as it may."""
    admitted, end = list[float](), time.monotonic() + seconds
    while (now := time.monotonic()) < end:
        if wait := limit.reserve("/v2/video/list/"):
            time.sleep(min(wait, end - now))
        else:
            admitted.append(time.monotonic())
    return admitted


if __name__ == "__main__":
    url, key, quota, window, seconds = sys.argv[1:]
    limit = RateLimit(url, key=key, quota=int(quota), window=float(window), share=1.0)
    sys.stdout.write(json.dumps(moments(limit, float(seconds))))
