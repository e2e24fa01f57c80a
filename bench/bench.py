"""How long each step takes, and how it grows: `python bench/bench.py [--sizes 0,1000,10000]`. A table, no assertion.

Beside it, SQLite FTS5 with trigrams over the same passages, in process and behind the same Flask. Synthetic programs are
recombined phrases of the corpus. Times are of one core: run it with `taskset -c 0` where other work shares the machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import http.client
import math
import random
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import waitress
import yaml
from flask import Flask, Response, jsonify, request

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from corpus.load import load  # noqa: E402
from corpus.model import Plan  # noqa: E402
from corpus.passage import Passage, passages  # noqa: E402
from index.search import Index  # noqa: E402
from web import Service, create_app, setting, settle  # noqa: E402
from web.furigana import Annotator  # noqa: E402

QUERIES = [row["問"] for row in yaml.safe_load((ROOT / "tests/questions.yml").read_text(encoding="utf-8"))]


def timed(step: Callable[[Any], object], texts: Sequence[Any]) -> tuple[float, float]:
    """p50 and p99 in ms over the texts, after one warm round of ten."""
    for text in texts[:10]:
        step(text)
    times = []
    for text in texts:
        began = time.perf_counter()
        step(text)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.99)]


def larger(found: Sequence[Passage], size: int) -> list[Passage]:
    """The passages with synthetic programs added until there are `size` programs."""
    chance = random.Random(1)
    programs = [p for p in found if p.kind == "program"]
    parts = [part for p in programs for part in p.parts]
    made = [
        dataclasses.replace(chance.choice(programs), id=f"programs/synthetic-{n}", parts=tuple(chance.sample(parts, 12)))
        for n in range(max(0, size - len(programs)))
    ]
    return [*found, *made]


class Trigrams:
    """SQLite FTS5 with trigrams: the ready-made engine to compare with."""

    def __init__(self, found: Sequence[Passage]) -> None:
        self.base = sqlite3.connect(":memory:", check_same_thread=False)
        self.base.execute("CREATE VIRTUAL TABLE page USING fts5(id, text, tokenize='trigram')")
        self.base.executemany("INSERT INTO page VALUES (?, ?)", [(p.id, "\n".join(part.text for part in p.parts)) for p in found])
        self.lock = threading.Lock()

    def search(self, text: str) -> list[tuple[str, str]]:
        grams = {text[n : n + 3].replace('"', "") for n in range(max(1, len(text) - 2))}
        asked = " OR ".join(f'"{gram}"' for gram in list(grams)[:60] if len(gram) == 3)
        if not asked:
            return []
        with self.lock:
            rows = self.base.execute("SELECT id, snippet(page, 1, '[', ']', '…', 24) FROM page WHERE page MATCH ? ORDER BY rank LIMIT 10", (asked,))
            return list(rows)


@contextmanager
def serving(name: str) -> Iterator[tuple[int, int]]:
    """The process and the port of the production server with one of APPS, in a process of its own as it is in use."""
    server = subprocess.Popen([sys.executable, __file__, "--serve", name], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        yield server.pid, int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait()


def serve(app: Flask) -> None:
    """Serves on a free port, which is printed."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    print(server.effective_port, flush=True)
    server.run()


def over_http(port: int, path: str) -> tuple[float, float]:
    """p50 and p99 in ms of GET `path` with each query, over one kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def get(query: str) -> None:
        connection.request("GET", path + urllib.parse.quote(query))
        connection.getresponse().read()

    return timed(get, QUERIES)


def memory(process: int | str = "self") -> str:
    """What a process holds, and what of it is its own."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii").split()
    held, own = (int(status[status.index(name) + 1]) // 1024 for name in ("VmRSS:", "RssAnon:"))
    return f"{held} MB, of which {own} are its own; the rest are pages of files, most of them the dictionary's"


def trigram_app() -> Flask:
    app, engine = Flask("trigrams"), Trigrams(passages(load()))

    @app.get("/search")
    def search() -> Response:
        return jsonify([{"id": one, "snippet": snippet} for one, snippet in engine.search(request.args["q"])])

    return app


APPS = {"service": create_app, "trigrams": trigram_app}


def weigh(app: Flask) -> None:
    """KB over the wire, packed, of each page with its style and script; the budget of the first page is 60."""
    client, packed = app.test_client(), {"Accept-Encoding": "gzip"}
    static = sum(len(client.get(f"/static/{name}", headers=packed).data) for name in ("style.css", "app.js", "icon.svg"))
    for path in ("/", "/search?q=畑を借りたい", "/projects/16", "/chat?q=仕事", "/programs", "/overview"):
        print(f"{path:34}{(len(client.get(path, headers=packed).data) + static) / 1000:10.1f} KB, first visit")


def row(name: str, figures: tuple[float, float]) -> None:
    print(f"{name:34}{figures[0]:10.2f}{figures[1]:10.2f}")


def measure(plan: Plan, size: int) -> float:
    found = larger(passages(plan), size)
    began = time.perf_counter()
    index = Index(found, plan.words, Path(setting("SETAGAYA_VAR")))
    built = time.perf_counter() - began
    settle()
    print(f"\n{len(found)} passages, index built in {built:.1f} s" + f"{'p50 ms':>18}{'p99 ms':>10}")
    row("tokenise", timed(index.tokenizer.tokens, QUERIES))
    row("text -> query", timed(index.parser.parse, QUERIES))
    whole = timed(index.search, QUERIES)
    row("text -> ids and snippets", whole)
    engine = Trigrams(found)
    row("  SQLite FTS5 trigram", timed(engine.search, QUERIES))
    index.suggest("あ")
    row("suggest", timed(lambda text: index.suggest(text[:4]), QUERIES))
    if size == 0:
        from bot.dialogue import Bot

        row("facets", timed(index.facets, [index.search(text) for text in QUERIES]))
        bot = Bot(plan, index)
        row("chat", timed(bot.reply, QUERIES))
        with serving("service") as (process, port):
            began_with = memory(process)
            row("GET /api/search", over_http(port, "/api/search?q="))
            searched = memory(process)
        with serving("trigrams") as (_, port):
            row("  SQLite FTS5 trigram, same Flask", over_http(port, "/search?q="))
        weigh(create_app(Service(plan, index, bot, Annotator(index.tokenizer, plan.furigana))))
        print(f"memory as served: {began_with}")
        print(f"after {len(QUERIES)} searches: {searched}")
    else:
        print(f"memory, with what is compared: {memory()}")
    return whole[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="0,1000,10000", help="numbers of programs, by commas; 0 is the corpus as it is")
    parser.add_argument("--serve", choices=APPS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(APPS[asked.serve]())
        return
    sizes = [int(size) for size in asked.sizes.split(",")]
    plan = load()
    times = [measure(plan, size) for size in sizes]
    for (small, before), (large, after) in zip(zip(sizes, times, strict=True), list(zip(sizes, times, strict=True))[1:], strict=False):
        if small:
            print(f"\ngrowth exponent {small} -> {large}: {math.log(after / before) / math.log(large / small):.2f}")


if __name__ == "__main__":
    main()
