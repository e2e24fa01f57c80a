"""setagaya serve | check | import | search | ask | reload"""

from __future__ import annotations

import json
import signal
import socket
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from bot.thread import LANGUAGES, Thread
from corpus import importer
from corpus.check import check as faults_of
from corpus.check import checked, contacts
from corpus.load import CorpusError
from corpus.model import Plan
from web import HEADERS, Service, build, create_app, reload, serving, setting
from web.api import reply_json


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


def var() -> Path:
    return Path(setting("SETAGAYA_VAR"))


@main.command(help="サービスを始めます（PORT、HOST で変えられます）。")
def serve() -> None:
    host, port = setting("HOST"), setting("PORT")
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise click.ClickException("PORT には 1 から 65535 までの数字を入れてください。")
    must_be_free(host, int(port))
    click.echo("計画と索引を読み込んでいます…（初めての時は、言葉を学ぶのに30秒ほどかかります）")
    service = ready()
    warn(service.plan)
    app = create_app(service)
    try:
        server = serving.Server(app, host, int(port), HEADERS)
    except OSError as error:
        raise click.ClickException(in_use(host, port)) from error
    reloader = serving.Reloader(lambda: reload(app), var())
    signal.signal(signal.SIGHUP, lambda *_: reloader.ask())
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: server.stop())
    held = serving.claim(var())
    if not held:
        click.echo(f"{var()} には書きこめないか、別のサービスが使っています。`setagaya reload` はこのサービスに届きません。", err=True)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"http://{shown}:{port} で始めました。終わるときは Ctrl+C を押します。")
    server.run()
    if held:
        (var() / serving.PID_FILE).unlink(missing_ok=True)


def must_be_free(host: str, port: int) -> None:
    """Ends with a message where an address cannot be listened on: before the plan is read, which takes seconds."""
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE):
            with socket.socket(family, kind, protocol) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tried.bind(address)
    except socket.gaierror as error:
        raise click.ClickException(f"HOST の {host} は、この機械のアドレスではありません。127.0.0.1 などにしてください。") from error
    except OSError as error:
        raise click.ClickException(in_use(host, str(port))) from error


def in_use(host: str, port: str) -> str:
    return f"{host}:{port} を使えません。PORT=8001 のように別の番号で試してください。"


@main.command(help="計画のデータを確かめます。")
@click.option("--json", "as_json", is_flag=True, help="JSON で出します。")
def check(as_json: bool) -> None:
    plan, faults = checked()
    if as_json:
        click.echo(json.dumps([vars_of(f) for f in faults], ensure_ascii=False))
    else:
        for fault in faults:
            click.echo(str(fault))
        click.echo(f"{len(faults)} 件の誤りがあります。" if faults else "誤りはありません。")
        warn(plan)
    sys.exit(1 if faults else 0)


def warn(plan: Plan | None) -> None:
    """Says loudly for which kinds of distress nobody to turn to was entered."""
    if plan and (missing := contacts(plan)):
        kinds = "、".join(missing)
        click.secho(f"【要対応】つらい気持ちへの返事に、区の連絡先がまだありません：{kinds}", fg="red", bold=True, err=True)
        click.echo("corpus/care/ の各ファイルの「連絡先」に書いてください。それまでは119と110だけをお伝えします。", err=True)


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
    service = ready()
    # The API's own answer, so that every door says the same.
    host = setting("SETAGAYA_HOSTS").partition(",")[0].strip()
    answer = create_app(service).test_client().get("/api/search", query_string={"q": text}, base_url=f"http://{host}").get_json()
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    if answer["message"]:
        click.echo(answer["message"])
    for hit in answer["hits"]:
        click.echo(f"{hit['id']}\t{hit['title']}\t{hit['snippet']}")
    if not answer["hits"] and answer["status"] != "care":
        click.echo("当てはまる事業は見つかりませんでした。")


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
@click.option("--wait", default=120, show_default=True, help="待つ秒数です。")
def reload_(wait: int) -> None:
    faults = faults_of()
    if faults:
        raise click.ClickException("\n".join(str(fault) for fault in faults))
    try:
        told = serving.request_reload(var(), wait)
    except TimeoutError as error:
        raise click.ClickException(f"{wait}秒待ちましたが、読み直しの結果が分かりません。前のデータのまま動いています。") from error
    if told is None:
        raise click.ClickException("動いているサービスが見つかりません。make serve で始めてください。")
    if told:
        raise click.ClickException("読み直せませんでした。前のデータのまま動いています。\n" + "\n".join(told))
    click.echo("読み直しました。")
