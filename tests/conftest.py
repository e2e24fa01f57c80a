"""The real corpus, the real index and the real app, built once a session."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from bot.dialogue import Bot
from corpus.model import Plan
from index.search import Index
from web import HEADERS, Service, build, create_app
from web.serving import Server


@pytest.fixture(scope="session")
def service() -> Service:
    return build()


@pytest.fixture(scope="session")
def plan(service: Service) -> Plan:
    return service.plan


@pytest.fixture(scope="session")
def index(service: Service) -> Index:
    return service.index


@pytest.fixture(scope="session")
def bot(service: Service) -> Bot:
    return service.bot


@pytest.fixture
def client(service: Service) -> FlaskClient:
    return create_app(service).test_client()


@pytest.fixture(scope="session")
def address(service: Service) -> Iterator[str]:
    """A running server with the production server, and its address."""
    server = Server(create_app(service), "127.0.0.1", 0, HEADERS)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()
    thread.join(15)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; a test that needs it fails where it is missing."""
    path = shutil.which("chromium")
    assert path, "Chromium がありません。apt-get install chromium fonts-noto-cjk としてください。"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        yield browser
        browser.close()
