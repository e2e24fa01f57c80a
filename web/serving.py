"""The server process: how it listens, reloads while it serves, and stops without cutting an answer short."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import waitress
from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask

#: Idle connections cost little: browsers hold up to six each. Bodies over the cap are refused before they are spooled to disk.
OPTIONS: dict[str, Any] = {
    "threads": 4,
    "ident": None,
    "backlog": 2_048,
    "connection_limit": 4_000,
    "channel_timeout": 30,
    "cleanup_interval": 10,
    "asyncore_use_poll": hasattr(select, "poll"),
    "max_request_body_size": 64 * 1024,
    "max_request_header_size": 32 * 1024,
}
#: Seconds that answers under way are given once the process is asked to stop.
GRACE = 10
#: Seconds without anything to do, after which nothing that was sent before the end is still on its way.
QUIET = 0.2
PID_FILE, OUTCOME_FILE = "serve.pid", "reload.json"
log = logging.getLogger("web.serving")


def channel(headers: Mapping[str, str]) -> type[HTTPChannel]:
    """The library's connection, with headers on its own refusals."""

    class Refusal(ErrorTask):
        def execute(self) -> None:
            self.response_headers.extend(headers.items())
            super().execute()

    class Channel(HTTPChannel):
        error_task_class = Refusal

    return Channel


class Server:
    """A listening server. `run` serves until `stop`; what is under way then is finished."""

    def __init__(self, app: Flask, host: str, port: int, headers: Mapping[str, str]) -> None:
        """`headers` go with what is refused before the app sees it. Raises OSError where the address cannot be listened on."""
        self._server = waitress.create_server(app, host=host, port=port, **OPTIONS)
        self._map: dict[int, Any] = getattr(self._server, "map", None) or self._server._map
        for listening in self._listening():
            listening.channel_class = channel(headers)
        self._stopping = threading.Event()

    def _listening(self) -> list[Any]:
        return [one for one in list(self._map.values()) if isinstance(one, BaseWSGIServer)]

    @property
    def port(self) -> int:
        return int(getattr(self._server, "effective_port", 0) or self._server.effective_listen[0][1])

    def stop(self) -> None:
        """Asks the server to stop; may be called from a signal handler or another thread."""
        self._stopping.set()

    def run(self) -> None:
        """Serves until `stop` is called, then finishes what is under way, for GRACE seconds at most."""
        while not self._stopping.is_set():
            self._turn(0.5)
        began = time.monotonic()
        for listening in self._listening():
            # Whoever was let in by the system is served: closing would cut off those that wait here.
            while select.select([listening.socket], [], [], 0)[0]:
                listening.handle_accept()
            listening.del_channel()
            listening.socket.close()
        now = quiet = time.monotonic()
        while now - quiet < QUIET and now - began < GRACE:
            self._turn(0.05)
            now = time.monotonic()
            quiet = now if self._busy() else quiet
        self._server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map, ignore_all=True)

    def _turn(self, timeout: float) -> None:
        wasyncore.loop(timeout=timeout, map=self._map, use_poll=OPTIONS["asyncore_use_poll"], count=1)

    def _busy(self) -> bool:
        """Whether an answer is being made, or waits to be sent."""
        channels = [one for one in list(self._map.values()) if isinstance(one, HTTPChannel)]
        return any(channel.requests or channel.total_outbufs_len for channel in channels)


class Reloader:
    """Reloads one at a time: what is asked for meanwhile is done once afterwards. The outcome stands in a file."""

    def __init__(self, reload: Callable[[], list[str]], folder: Path) -> None:
        """`reload` takes in what is new and returns the faults that kept it from doing so."""
        self._reload, self._outcome = reload, folder / OUTCOME_FILE
        self._lock, self._asked = threading.Lock(), threading.Event()

    def ask(self) -> None:
        """Asks for a reload and returns at once."""
        self._asked.set()
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        with self._lock:
            if not self._asked.is_set():
                return
            self._asked.clear()
            began = time.time()
            try:
                faults = self._reload()
            except Exception as error:  # whatever went wrong, the old service answers on
                faults = [f"{type(error).__name__}: {error}"]
            for fault in faults:
                log.error("not reloaded: %s", fault)
            self._tell({"began": began, "faults": faults})

    def _tell(self, outcome: dict[str, Any]) -> None:
        try:
            beside = self._outcome.with_suffix(".new")
            beside.write_text(json.dumps(outcome, ensure_ascii=False), encoding="utf-8")
            os.replace(beside, self._outcome)
        except OSError as error:
            log.error("the outcome of a reload could not be written: %s", error)


def claim(folder: Path) -> IO[str] | None:
    """Takes hold of the pid file for as long as this process lives; None where another server has it, or it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / PID_FILE).open("a+", encoding="ascii")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def running(folder: Path) -> int | None:
    """The process that holds the pid file; None where none does: a number that was left behind may be a stranger's by now."""
    try:
        with (folder / PID_FILE).open(encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read())
    except (OSError, ValueError):
        pass
    return None


def request_reload(folder: Path, seconds: float) -> list[str] | None:
    """Lets the running server reload and waits for what comes of it: its faults, none where it took everything in.

    Returns None where no server runs. Raises TimeoutError where none has told within `seconds`.
    """
    process = running(folder)
    if process is None:
        return None
    asked = time.time()
    os.kill(process, signal.SIGHUP)
    while time.time() < asked + seconds:
        time.sleep(0.1)
        try:
            outcome = json.loads((folder / OUTCOME_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if outcome["began"] >= asked:
            return list(outcome["faults"])
    raise TimeoutError
