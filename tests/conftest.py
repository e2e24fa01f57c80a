"""The real corpus, the real index and the real app, built once a session."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import waitress
from flask.testing import FlaskClient

from bot.dialogue import Bot
from corpus.model import Plan
from index.search import Index
from web import Service, build, create_app


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
    server = waitress.create_server(create_app(service), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)
