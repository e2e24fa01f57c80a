"""setagaya serve | check | import | search | ask | reload"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path

import click
import waitress

from bot.thread import LANGUAGES, Thread
from corpus import importer
from corpus.check import check as faults_of
from corpus.load import CorpusError
from web import Service, build, create_app, reload, setting
from web.api import hit_json, reply_json


@click.group(help="世田谷 産業支援ナビ")
def main() -> None:
    pass


def ready() -> Service:
    """The service, or the faults of the corpus and exit code 1."""
    try:
        return build()
    except CorpusError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def pid_file() -> Path:
    return Path(setting("SETAGAYA_VAR")) / "serve.pid"


@main.command(help="サービスを始めます（PORT、HOST で変えられます）。")
def serve() -> None:
    click.echo("計画と索引を読み込んでいます…")
    app = create_app(ready())
    host, port = setting("HOST"), setting("PORT")
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise click.ClickException("PORT には 1 から 65535 までの数字を入れてください。")
    signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=reload, args=(app,)).start())
    try:
        server = waitress.create_server(app, host=host, port=int(port), threads=4, ident=None)
    except OSError as error:
        raise click.ClickException(f"{host}:{port} を使えません。PORT=8001 のように別の番号で試してください。") from error
    pid_file().parent.mkdir(parents=True, exist_ok=True)
    pid_file().write_text(str(os.getpid()), encoding="ascii")
    click.echo(f"http://{host}:{port} で始めました。終わるときは Ctrl+C を押します。")
    server.run()


@main.command(help="計画のデータを確かめます。")
@click.option("--json", "as_json", is_flag=True, help="JSON で出します。")
def check(as_json: bool) -> None:
    faults = faults_of()
    if as_json:
        click.echo(json.dumps([vars_of(f) for f in faults], ensure_ascii=False))
    else:
        for fault in faults:
            click.echo(str(fault))
        click.echo(f"{len(faults)} 件の誤りがあります。" if faults else "誤りはありません。")
    sys.exit(1 if faults else 0)


def vars_of(fault: object) -> dict[str, object]:
    return {name: getattr(fault, name) for name in ("file", "line", "field", "message")}


@main.command("import", help="plan.txt から作り直したものと、今のデータのちがいを示します。--write で書き込みます。")
@click.option("--write", is_flag=True, help="corpus/ に書き込みます。")
def import_(write: bool) -> None:
    if write:
        click.echo(f"{len(importer.run())} 個のファイルを書きました。")
        return
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        changed = [
            path.relative_to(target)
            for path in importer.run(target)
            if path.read_text(encoding="utf-8") != (importer.HERE / path.relative_to(target)).read_text(encoding="utf-8")
        ]
    for path in changed:
        click.echo(str(path))
    click.echo(f"{len(changed)} 個のファイルがちがいます。" if changed else "ちがいはありません。")


@main.command(help="言葉で探します。")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="JSON で出します。")
def search(text: str, as_json: bool) -> None:
    results = ready().index.search(text)
    if as_json:
        click.echo(json.dumps({"total": results.total, "hits": [hit_json(h) for h in results.hits]}, ensure_ascii=False))
        return
    for hit in results.hits:
        click.echo(f"{hit.passage.id}\t{hit.passage.title}\t{hit.snippet.text}")


@main.command(help="質問に答えます。")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="JSON で出します。")
@click.option("--lang", type=click.Choice(LANGUAGES), help="ことばを選びます（初めは、聞かれた言葉に合わせます）。")
@click.option("--state", default=None, help="前の返事の state です。")
@click.option("--explain", is_flag=True, help="どう読み取ったかも出します。")
def ask(text: str, as_json: bool, lang: str | None, state: str | None, explain: bool) -> None:
    reply = ready().bot.reply(text, Thread.load(state), lang)
    if as_json:
        click.echo(json.dumps(reply_json(reply, state, explain), ensure_ascii=False))
        return
    click.echo(reply.text)
    if explain:
        for name, value in asdict(reply.trace).items():
            click.echo(f"{name}: {value}")


@main.command("reload", help="動いているサービスに、計画のデータを読み直させます。")
def reload_() -> None:
    faults = faults_of()
    if faults:
        raise click.ClickException("\n".join(str(fault) for fault in faults))
    try:
        os.kill(int(pid_file().read_text(encoding="ascii")), signal.SIGHUP)
    except (OSError, ValueError) as error:
        raise click.ClickException("動いているサービスが見つかりません。make serve で始めてください。") from error
    click.echo("読み直しました。")
