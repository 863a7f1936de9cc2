"""From settings to an interpreter that asks Rasa: servers that run elsewhere, or one of our own."""

from __future__ import annotations

import atexit
import secrets
import threading

import structlog

from voicebot.media.rasa_keeper import RasaKeeper
from voicebot.media.rasa_models import RasaHome, forget_broken
from voicebot.media.rasa_process import RasaProcess
from voicebot.nlu.interpreter import InterpreterError
from voicebot.nlu.model import Model
from voicebot.nlu.rasa import Auth, RasaInterpreter
from voicebot.nlu.rasa_servers import Servers
from voicebot.settings import NluSettings, Settings

log = structlog.get_logger()


def open_rasa(settings: Settings, model: Model, *, wait_s: float | None = None) -> RasaInterpreter:
    """The client; without `nlu.urls` with a server of our own, for which it waits `wait_s` (default: the setting).

    Raises InterpreterError.
    """
    if settings.nlu.urls:
        servers, auth = Servers(settings.nlu.urls), auth_of(settings.nlu)
    else:
        servers, auth = Servers(), Auth(token=secrets.token_urlsafe(24))
        keeper = keep(settings, servers, auth)
        if seconds := settings.nlu.start_wait_s if wait_s is None else wait_s:
            keeper.wait(seconds)
    return RasaInterpreter(servers, model, auth=auth, timeout_ms=settings.nlu.deadline_ms)


def auth_of(nlu: NluSettings) -> Auth:
    """How servers that run elsewhere know us."""
    return Auth(
        nlu.token.get_secret_value() if nlu.token else None,
        nlu.jwt.get_secret_value() if nlu.jwt else None,
    )


def keep(settings: Settings, servers: Servers, auth: Auth) -> RasaKeeper:
    """Start a server and look after it until this process ends; a model is trained first when there is none."""
    home = RasaHome.of(settings)
    forget_broken(home.models)
    home.log.write_bytes(b"")
    keeper = RasaKeeper(servers, home.newest, lambda model: RasaProcess([home.python], model, auth, home.log))
    atexit.register(keeper.close)
    keeper.open()
    if not home.present().exists():
        threading.Thread(target=_train, args=(home,), name="rasa training", daemon=True).start()
    return keeper


def _train(home: RasaHome) -> None:
    """The keeper notices the new model by itself."""
    log.info("Rasa has no model of the present training data; training one takes a minute or two")
    try:
        log.info("Rasa is trained", model=home.train().name)
    except (InterpreterError, OSError) as error:
        log.error("Rasa is not trained", error=str(error))
