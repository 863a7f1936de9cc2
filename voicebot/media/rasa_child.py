"""Runs inside Rasa's own Python (3.10 or 3.11), without voicebot: `serve PORT MODEL`, or a command of Rasa's.

The server listens on loopback alone, has no channels and no console, and logs errors only: what callers say is in no
log.
The process ends when its standard input ends, that is, when the process that started it is gone, however that happened.
Run it with `python -I`: this directory, which has a rasa.py of its own, must not be on the path.
"""

import logging
import os
import runpy
import sys
import threading
from functools import partial


def end_with_parent() -> None:
    """Wait for the end of standard input, then leave at once."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def serve(port: int, model: str) -> None:
    """Serve /model/parse and /status until the process is ended."""
    import rasa.utils.common
    from rasa.core import run
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.log_utils import configure_structlog

    rasa.utils.common.configure_logging_and_warnings(logging.ERROR)
    configure_structlog(logging.ERROR)
    token = os.environ.pop("RASA_TOKEN", None)
    app = run.configure_app(input_channels=[], auth_token=token, enable_api=True, port=port)
    load = partial(run.load_agent_on_start, model, AvailableEndpoints(), None)
    app.register_listener(load, "before_server_start")
    rasa.utils.common.update_sanic_log_level()
    app.run(host="127.0.0.1", port=port, workers=1, access_log=False)


def main() -> None:
    """Do what the arguments say."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.environ.update(
        RASA_TELEMETRY_ENABLED="false", LOG_LEVEL="ERROR", LOG_LEVEL_LIBRARIES="ERROR", TF_CPP_MIN_LOG_LEVEL="3"
    )
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]), sys.argv[3])
    else:
        sys.argv[0] = "rasa"
        runpy.run_module("rasa", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
