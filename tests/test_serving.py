"""The server process: idle and slow clients, large bodies, stopping, reloading, and starting where something is broken."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from corpus.load import CorpusError, Fault
from index.artifacts import SEAL, kept, sound
from index.japanese import Tokenizer
from web import WRONG_HOST, Service, create_app, reload, serving
from web.commands import main


@pytest.fixture
def slow() -> Iterator[tuple[serving.Server, threading.Thread]]:
    """A server whose only page takes half a second."""
    app = Flask("slow")

    @app.get("/")
    def page() -> str:
        time.sleep(0.5)
        return "ぜんぶ" * 20_000

    server = serving.Server(app, "127.0.0.1", 0, {})
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server, thread
    server.stop()
    thread.join(15)


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def read(port: int, path: str) -> bytes:
    """The body of a page of a server on this machine."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=15)) as connection:
        connection.request("GET", path)
        with connection.getresponse() as answer:
            assert answer.status == 200
            return answer.read()


def test_idle_connections_shut_nobody_out(address: str) -> None:
    """The library's own limit is 100, for two minutes each."""
    idle = [socket.create_connection(("127.0.0.1", port_of(address))) for _ in range(250)]
    try:
        assert read(port_of(address), "/healthz")
    finally:
        for one in idle:
            one.close()


def test_a_large_body_is_refused_before_it_is_taken_in(address: str) -> None:
    with socket.create_connection(("127.0.0.1", port_of(address)), timeout=10) as client:
        client.sendall(b"POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000\r\n\r\n{")
        assert client.recv(200).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: x\r\n\r\n", b"501"),
    ],
)
def test_what_the_app_never_sees_is_refused_with_the_same_headers(address: str, sent: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port_of(address)), timeout=10) as client:
        client.sendall(sent)
        answer = client.makefile("rb").read()
    assert answer.split()[1] == status and b"Content-Security-Policy: default-src 'none'" in answer


def test_whoever_waits_to_be_let_in_is_answered_before_the_end() -> None:
    app = Flask("waiting")
    app.add_url_rule("/", view_func=lambda: "answered")
    server = serving.Server(app, "127.0.0.1", 0, {})
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        server.stop()
        server.run()
        assert client.makefile("rb").read().endswith(b"answered")


def test_stopping_finishes_what_is_under_way(slow: tuple[serving.Server, threading.Thread]) -> None:
    server, thread = slow
    answers: list[bytes] = []

    def ask() -> None:
        answers.append(read(server.port, "/"))

    callers = [threading.Thread(target=ask) for _ in range(8)]
    for caller in callers:
        caller.start()
    time.sleep(0.2)
    server.stop()
    for caller in callers:
        caller.join(15)
    thread.join(15)
    assert not thread.is_alive() and [len(answer) for answer in answers] == [180_000] * 8
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


# Reloading


def test_reloads_asked_for_together_are_done_once_more(tmp_path: Path) -> None:
    done: list[int] = []
    going = threading.Event()

    def work() -> list[str]:
        done.append(1)
        going.wait(5)
        return []

    reloader = serving.Reloader(work, tmp_path)
    for _ in range(10):
        reloader.ask()
    going.set()
    end = time.monotonic() + 5
    while threading.active_count() > 1 and time.monotonic() < end and len(done) < 3:
        time.sleep(0.02)
    assert 1 <= len(done) <= 2


@pytest.mark.parametrize("error", [FileNotFoundError("plan.txt"), RuntimeError("x"), KeyError(68)])
def test_a_reload_that_fails_is_told_and_the_server_lives(tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    def work() -> list[str]:
        raise error

    reloader = serving.Reloader(work, tmp_path)
    reloader._asked.set()
    reloader._work()
    told = json.loads((tmp_path / serving.OUTCOME_FILE).read_text(encoding="utf-8"))
    assert type(error).__name__ in told["faults"][0] and type(error).__name__ in caplog.text


def test_the_outcome_that_cannot_be_written_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reloader = serving.Reloader(lambda: [], tmp_path / "none")
    reloader._asked.set()
    reloader._work()
    assert "could not be written" in caplog.text


def test_a_reload_swaps_the_service(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(service)
    other = Service(service.plan, service.index, service.bot, service.annotator)
    monkeypatch.setattr("web.build", lambda: other)
    assert reload(app) == [] and app.extensions["setagaya"] is other


def test_one_request_sees_one_service(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reload in the middle of a request changes nothing of it."""
    app = create_app(service)
    other = Service(service.plan.model_copy(update={"version": "other"}), service.index, service.bot, service.annotator)
    search = type(service.index).search

    def swapping(*arguments: object, **named: object) -> object:
        app.extensions["setagaya"] = other
        return search(*arguments, **named)  # type: ignore[arg-type]

    from web import service as served

    seen: list[str] = []
    app.after_request(lambda response: seen.append(served().plan.version) or response)
    monkeypatch.setattr(type(service.index), "search", swapping)
    client = app.test_client()
    assert client.get("/search?q=畑").status_code == 200
    assert client.get("/healthz").get_json()["corpus"] == "other"
    assert seen == [service.plan.version, "other"]


def test_only_the_server_that_holds_the_file_is_signalled(tmp_path: Path) -> None:
    """A number that a killed server left behind may be a stranger's by now."""
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    try:
        (tmp_path / serving.PID_FILE).write_text(str(stranger.pid), encoding="ascii")
        assert serving.running(tmp_path) is None and serving.request_reload(tmp_path, 1) is None
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    assert serving.running(tmp_path / "none") is None


def test_a_second_server_does_not_take_the_file(tmp_path: Path) -> None:
    held = serving.claim(tmp_path)
    assert held and serving.running(tmp_path) == os.getpid()
    other = subprocess.run(
        [sys.executable, "-c", f"from pathlib import Path; from web.serving import claim; print(claim(Path({str(tmp_path)!r})))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout == "None\n" and serving.running(tmp_path) == os.getpid()
    held.close()
    assert serving.running(tmp_path) is None


def test_a_folder_that_cannot_be_written_holds_no_server_back(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="ascii")
    assert serving.claim(tmp_path / "file") is None


@pytest.mark.parametrize(
    ("told", "code", "says"),
    [
        ([], 0, "読み直しました"),
        (["projects/01.yml 1行目: x"], 1, "前のデータのまま"),
        (None, 1, "見つかりません"),
        (TimeoutError(), 1, "分かりません"),
    ],
)
def test_the_command_says_what_came_of_a_reload(monkeypatch: pytest.MonkeyPatch, told: object, code: int, says: str) -> None:
    def answer(*_: object) -> object:
        if isinstance(told, Exception):
            raise told
        return told

    monkeypatch.setattr("web.commands.faults_of", lambda: [])
    monkeypatch.setattr("web.serving.request_reload", answer)
    result = CliRunner().invoke(main, ["reload"])
    assert result.exit_code == code and says in result.output


def test_a_real_server_reloads_and_stops(tmp_path: Path) -> None:
    """Start, reload by command, SIGTERM: a whole life, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {**os.environ, "PORT": str(port), "SETAGAYA_VAR": str(tmp_path)}
    command = [sys.executable, "-c", "from web.commands import main; main()"]
    with subprocess.Popen([*command, "serve"], env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            assert server.stdout
            told = next(line for line in iter(server.stdout.readline, "") if "で始めました" in line)
            assert f"http://127.0.0.1:{port}" in told and serving.running(tmp_path) == server.pid
            done = subprocess.run([*command, "reload"], env=settings, capture_output=True, text=True, timeout=120, check=False)
            assert done.returncode == 0 and "読み直しました" in done.stdout
            server.send_signal(signal.SIGTERM)
            assert server.wait(20) == 0 and not (tmp_path / serving.PID_FILE).exists()
        finally:
            server.kill()


# Starting where something is broken


@pytest.mark.parametrize(("host", "says"), [("999.1.1.1", "この機械のアドレスではありません"), ("203.0.113.7", "を使えません")])
def test_an_address_that_is_not_ours_is_told_before_the_plan_is_read(monkeypatch: pytest.MonkeyPatch, host: str, says: str) -> None:
    monkeypatch.setattr("web.commands.ready", lambda: pytest.fail("the plan was read"))
    monkeypatch.setenv("HOST", host)
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 1 and says in result.output


def test_a_port_in_use_is_told_before_the_plan_is_read(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr("web.commands.ready", lambda: pytest.fail("the plan was read"))
    monkeypatch.setenv("PORT", str(port_of(address)))
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 1 and "PORT=8001" in result.output


@pytest.mark.parametrize("damage", [b"", b"garbage", None, "cut", "flipped", "unsealed"])
def test_a_damaged_dictionary_is_made_anew(service: Service, tmp_path: Path, damage: object) -> None:
    made: list[int] = []

    def make(folder: Path) -> None:
        made.append(1)
        (folder / "user.dic").write_bytes(b"right " * 100)

    target = kept(tmp_path, "user-1", make)
    file = target / "user.dic"
    whole = file.read_bytes()
    if damage is None:
        file.unlink()
    elif damage == "unsealed":
        (target / SEAL).unlink()
    else:
        file.write_bytes({"cut": whole[:50], "flipped": whole[:-1] + b"?"}.get(str(damage), damage))  # type: ignore[arg-type]
    assert not sound(target)
    assert kept(tmp_path, "user-1", make) == target and file.read_bytes() == whole and len(made) == 2
    assert kept(tmp_path, "user-1", make) == target and len(made) == 2
    assert not list(tmp_path.glob("tmp*"))


def test_what_is_kept_stands_elsewhere_where_its_folder_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="ascii")
    made = kept(tmp_path / "file", "user-1", lambda folder: (folder / "x").write_bytes(b"x") and None)
    assert sound(made) and tmp_path not in made.parents


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    old, new = tmp_path / "tmpold", tmp_path / "tmpnew"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))
    kept(tmp_path, "x-1", lambda folder: (folder / "x").write_bytes(b"x") and None)
    assert not old.exists() and new.exists()


def test_the_dictionary_in_use_is_a_sealed_one(service: Service) -> None:
    assert isinstance(service.index.tokenizer, Tokenizer)


# Hosts and answers


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "localhost:8000", "b.example.jp", "B.EXAMPLE.JP"])
def test_hosts_are_named_by_commas_with_blanks_in_any_case(service: Service, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("SETAGAYA_HOSTS", "127.0.0.1, localhost,B.example.jp ")
    assert create_app(service).test_client().get("/healthz", headers={"Host": host}).status_code == 200


def test_a_refused_host_is_told_why_and_logged_once(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    from web import refused

    refused.cache_clear()
    for _ in range(3):
        answer = client.get("/", headers={"Host": "evil.example"})
        assert answer.status_code == 400 and answer.get_json()["detail"] == WRONG_HOST
    assert caplog.text.count("host refused: 'evil.example'") == 1


def test_a_failure_logs_its_place_and_none_of_the_readers_words(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object, text: str, **__: object) -> object:
        raise ValueError(text)

    monkeypatch.setattr(type(service.index), "search", fail)
    assert create_app(service).test_client().get("/search?q=秘密").status_code == 500
    assert "ValueError" in caplog.text and "/search" in caplog.text and "秘密" not in caplog.text


def test_json_is_packed_and_known_by_its_tag(client: FlaskClient) -> None:
    plain = client.get("/api/programs")
    packed = client.get("/api/programs", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.data) * 3 < len(plain.data)
    assert client.get("/api/programs", headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304
    head = client.head("/projects/16")
    assert head.headers["ETag"] == client.get("/projects/16").headers["ETag"] and "Accept-Encoding" in head.headers["Vary"]


@pytest.mark.parametrize(("path", "allow"), [("/api/chat", "OPTIONS, POST"), ("/desk/unanswered", "OPTIONS, POST")])
def test_the_methods_of_an_address_are_named(client: FlaskClient, path: str, allow: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 405 and answer.headers["Allow"] == allow


@pytest.mark.parametrize("path", ["/desk?q=畑", "/explain?q=畑", "/card?q=畑", "/chat?q=畑", "/search?q=畑", "/api/search?q=畑"])
def test_what_a_person_wrote_is_kept_by_no_cache(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


def test_no_failure_of_the_corpus_is_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Service:
        raise CorpusError([Fault("x.yml", 3, "語", "だめです。")])

    monkeypatch.setattr("web.commands.build", fail)
    result = CliRunner().invoke(main, ["ask", "畑"])
    assert result.exit_code == 1 and re.search("x.yml 3行目 語: だめです。", result.output)
