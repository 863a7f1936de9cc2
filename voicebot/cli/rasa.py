"""`voicebot rasa`: Rasa's model of the project, and a server with it on this machine."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from voicebot.cli import options
from voicebot.cli.train import say

app = typer.Typer(no_args_is_help=True)


@app.callback()
def rasa() -> None:
    """Train and serve Rasa. `make rasa-model` installs it."""


@app.command()
def train() -> None:
    """Train Rasa on nlu_data, unless there is a model of it already; a voicebot that runs changes to it by itself."""
    from voicebot.media.rasa_models import RasaHome

    home = RasaHome.of(options.settings())
    model = home.present()
    if model.exists():
        say(f"rasa: {model} is up to date")
        return
    say(f"rasa: training on {home.data} (one to three minutes)")
    started = time.monotonic()
    home.train()
    say(f"rasa: {model} (trained in {time.monotonic() - started:.0f} s)")


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of loopback to listen on.")] = 5005,
) -> None:
    """Serve /model/parse on this machine, with the newest model, until Ctrl-C."""
    from voicebot.media.rasa import auth_of
    from voicebot.media.rasa_models import RasaHome
    from voicebot.media.rasa_process import RasaProcess, wait_until_ready
    from voicebot.nlu.interpreter import InterpreterError

    settings = options.settings()
    home = RasaHome.of(settings)
    model = home.newest()
    if model is None:
        raise InterpreterError(f"there is no Rasa model in {home.models}; run `voicebot rasa train`")
    started = time.monotonic()
    process = RasaProcess([home.python], model, auth_of(settings.nlu), home.log, port=port)
    try:
        say(f"rasa: starting with {model.name} (up to a minute)")
        if not wait_until_ready(process, 240):
            raise InterpreterError(f"Rasa does not serve on port {port}; {home.log} says why, or the port is taken")
        say(f"rasa: {process.url}/model/parse answers, after {time.monotonic() - started:.0f} s; Ctrl-C ends it")
        sys.exit(process.wait())
    finally:
        process.end()
