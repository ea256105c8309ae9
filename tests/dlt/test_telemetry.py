"""dlt sends telemetry unless it is told not to: of our pipelines it sends none, of others it does
what it did before.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from dlt.common.utils import digest128

from tests.sync.office import Office

PROGRAM = """
import sys, dlt
from tiktok_display.dlt import load
from tiktok_display.sync import SyncSettings

settings = SyncSettings(database=sys.argv[1], tokens="none")
duck = dlt.destinations.duckdb("a.duckdb")
load(settings, destination=duck, sync=False)
other = dlt.pipeline("other", pipelines_dir="other", destination=duck)
other.run([{"id": 1}], table_name="things")
"""


@pytest.fixture
def told() -> Iterator[list[bytes]]:
    """What has arrived, at the address in the environment."""
    bodies = list[bytes]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        os.environ["RUNTIME__DLTHUB_TELEMETRY_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}/"
        try:
            yield bodies
        finally:
            del os.environ["RUNTIME__DLTHUB_TELEMETRY_ENDPOINT"]
            server.shutdown()
            thread.join()


def test_nothing_is_told_of_our_pipeline(synced: Office, told: list[bytes], tmp_path: Path) -> None:
    environment = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "true", "DLT_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM, synced.settings.database]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=120)
    events = [json.loads(body)["properties"] for body in told]
    assert {event["event_name"] for event in events} >= {"extract", "normalize", "load", "run"}
    assert {event["pipeline_name_hash"] for event in events} == {digest128("other")}
