"""How long each step takes, and how it grows: `python bench/bench.py [--sizes 0,1000,10000]`. A table, no assertion.

Beside it, SQLite FTS5 with trigrams over the same passages, in process and behind the same Flask. Synthetic programs are
recombined phrases of the corpus. Times are of one core: run it with `taskset -c 0` where other work shares the machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import math
import random
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import waitress
import yaml
from flask import Flask, jsonify, request

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from corpus.load import load  # noqa: E402
from corpus.model import Plan  # noqa: E402
from corpus.passage import Passage, passages  # noqa: E402
from index.search import Index  # noqa: E402
from web import Service, create_app, setting  # noqa: E402
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


#: Asks for each path of standard input over one kept connection and prints the times in ms: a process of its own, as readers are.
CLIENT = """
import http.client, json, sys, time
paths, connection, times = json.load(sys.stdin), http.client.HTTPConnection("127.0.0.1", int(sys.argv[1])), []
for path in paths[:10] + paths:
    began = time.perf_counter()
    connection.request("GET", path)
    connection.getresponse().read()
    times.append((time.perf_counter() - began) * 1000)
print(json.dumps(times[10:]))
"""


def over_http(app: Flask, path: str) -> tuple[float, float]:
    """p50 and p99 in ms of GET `path` behind the production server on loopback."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    paths = json.dumps([path + urllib.parse.quote(text) for text in QUERIES])
    told = subprocess.run([sys.executable, "-c", CLIENT, str(server.effective_port)], input=paths, capture_output=True, text=True, check=True)
    times = sorted(json.loads(told.stdout))
    return times[len(times) // 2], times[int(len(times) * 0.99)]


def trigram_app(engine: Trigrams) -> Flask:
    app = Flask("trigrams")

    @app.get("/search")
    def search() -> object:
        return jsonify([{"id": one, "snippet": snippet} for one, snippet in engine.search(request.args["q"])])

    return app


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
    gc.collect()
    gc.freeze()  # as the service does, and the next line
    gc.set_threshold(20_000, 20, 20)
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
        app = create_app(Service(plan, index, bot, Annotator(index.tokenizer, plan.furigana)))
        row("GET /api/search", over_http(app, "/api/search?q="))
        row("  SQLite FTS5 trigram, same Flask", over_http(trigram_app(engine), "/search?q="))
        weigh(app)
    status = Path("/proc/self/status").read_text(encoding="ascii").split()
    held, own = (int(status[status.index(name) + 1]) // 1024 for name in ("VmRSS:", "RssAnon:"))
    print(f"memory: {held} MB, of which {own} are its own; the rest are pages of files, most of them the dictionary's")
    return whole[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="0,1000,10000", help="numbers of programs, by commas; 0 is the corpus as it is")
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    plan = load()
    times = [measure(plan, size) for size in sizes]
    for (small, before), (large, after) in zip(zip(sizes, times, strict=True), list(zip(sizes, times, strict=True))[1:], strict=False):
        if small:
            print(f"\ngrowth exponent {small} -> {large}: {math.log(after / before) / math.log(large / small):.2f}")


if __name__ == "__main__":
    main()
