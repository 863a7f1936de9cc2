"""Stands for Rasa in tests of its supervision: `serve PORT MODEL`, ready after a moment, and `train nlu ...`, at once.

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


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers /status and /model/parse."""

    def do_POST(self) -> None:
        """Understand nothing."""
        self._say({"intent": {"name": "greet", "confidence": 1.0}})

    def do_GET(self) -> None:
        """Name the model."""
        self._say({"model_file": f"/somewhere/{Path(MODEL).name}"})

    def _say(self, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if sys.argv[1] == "train":
    arguments = dict(zip(sys.argv[3::2], sys.argv[4::2], strict=True))
    if "epochs: none" in Path(arguments["--config"]).read_text():
        sys.exit(3)
    made = Path(arguments["--out"], arguments["--fixed-model-name"] + ".tar.gz")
    made.write_bytes(b"a model")
    sys.exit()
_, _, PORT, MODEL = sys.argv
if "broken" in MODEL:
    sys.exit(3)
threading.Thread(target=end_with_parent, daemon=True).start()
time.sleep(0.1)
http.server.ThreadingHTTPServer(("127.0.0.1", int(PORT)), Handler).serve_forever()
