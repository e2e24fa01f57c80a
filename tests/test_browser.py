"""Search, open a project and chat in the system's Chromium, with and without JavaScript; no page scrolls sideways."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "Chromium がありません。apt-get install chromium fonts-noto-cjk としてください。"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        yield browser
        browser.close()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_search_open_and_chat(browser: Browser, address: str, script: bool) -> None:
    page = browser.new_context(java_script_enabled=script, viewport={"width": 360, "height": 740}).new_page()
    page.goto(address)
    page.get_by_label("言葉や質問で探す").fill("空き店舗を借りたい")
    page.get_by_role("button", name="さがす").click()
    page.get_by_role("link", name="事業30").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("事業30")
    page.get_by_role("link", name="相談する").click()
    page.get_by_label("お困りごと").fill("畑を借りて野菜を作りたい")
    page.get_by_role("button", name="送る").click()
    expect(page.get_by_role("log")).to_contain_text("都市農業課")
    page.get_by_role("button", name="担当の課は？").click()
    expect(page.locator(".turn")).to_have_count(2)


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_scrolls_sideways(browser: Browser, address: str, width: int) -> None:
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    for path in (
        "/",
        "/search?q=畑",
        "/projects/67",
        "/programs/bcp-kihon-koza",
        "/sections/3-1",
        "/departments/商業課",
        "/chat?q=仕事",
        "/desk?q=AED",
        "/nope",
    ):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_suggestions_appear_while_typing(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.get_by_label("言葉や質問で探す").press_sequentially("くみんの")
    expect(page.locator("#q-suggestions option[value='区民農園']")).to_have_count(1)
