"""Ten thousand `with_credentials`: us and bytes of each, and what they open."""

import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from measure import Figure, figure

from tiktok_display import AppCredentials, DisplayClient, MemoryTokenStore, UserCredentials

COUNT, ROUNDS, FILES = 10_000, 7, Path("/proc/self/fd")


def siblings() -> Iterator[Figure]:
    """Both rows, for logins that refresh by themselves."""
    app, store = AppCredentials("benchmark", "benchmark"), MemoryTokenStore()
    creators = [UserCredentials(app, store, f"creator-{number}") for number in range(COUNT)]
    with DisplayClient("act.benchmark", base_url="http://127.0.0.1:9") as client:
        seconds = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            kept = [client.with_credentials(creator) for creator in creators]
            seconds.append((time.perf_counter() - begun) / COUNT)
            del kept
        opened = len(list(FILES.iterdir()))
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        kept = [client.with_credentials(creator) for creator in creators]
        assert len(kept) == COUNT
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        opened = len(list(FILES.iterdir())) - opened
    yield figure("sibling us", *[each * 1e6 for each in seconds])
    yield figure("sibling bytes", (after - before) / COUNT)
    yield figure("sibling files", opened)
