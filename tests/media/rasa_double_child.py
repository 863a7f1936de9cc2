"""Stands for Rasa in tests of its supervision: `serve PORT MODEL`, in a process of its own, ready after a moment.

It ends with its parent by the very function that Rasa's process runs. A model named `broken` makes it fail at once.
"""

import http.server
import json
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "voicebot" / "media"))
from rasa_child import end_with_parent  # type: ignore[import-not-found]

_, _, PORT, MODEL = sys.argv


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers /status."""

    def do_GET(self) -> None:
        """Name the model."""
        body = json.dumps({"model_file": f"/somewhere/{Path(MODEL).name}"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if "broken" in MODEL:
    sys.exit(3)
threading.Thread(target=end_with_parent, daemon=True).start()
time.sleep(0.1)
http.server.HTTPServer(("127.0.0.1", int(PORT)), Handler).serve_forever()
