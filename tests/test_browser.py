"""The pages in the system's Chromium: tasks with and without JavaScript, by keyboard alone, axe on every type of page, paper."""

from __future__ import annotations

from importlib.resources import files

import html5lib
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

#: One of every type of page.
PAGES = (
    "/",
    "/search?q=畑を借りたい",
    "/search?q=畑&owner=都市農業課",
    "/search?q=zzzqqq",
    "/finder",
    "/finder?audience=高齢者&need=仕事さがし",
    "/projects/16",
    "/projects/50",
    "/programs",
    "/programs/akitenpo-shien",
    "/sections/2-1",
    "/faces/1",
    "/departments",
    "/departments/商業課",
    "/audiences/高齢者",
    "/overview",
    "/accessibility",
    "/chat",
    "/chat?q=仕事",
    "/chat?q=体験農園と区民農園のちがい",
    "/card?q=空き店舗を借りたい",
    "/desk",
    "/desk?q=AED",
    "/explain?q=AED",
    "/nope",
)
WIDTHS = (360, 768, 1280)
SCHEMES = (
    {"color_scheme": "light", "forced_colors": "none"},
    {"color_scheme": "dark", "forced_colors": "none"},
    {"color_scheme": "light", "forced_colors": "active"},
)
LANGS = ("ja", "easy", "en")
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def address_of(path: str, **values: str) -> str:
    return path + ("&" if "?" in path else "?") + "&".join(f"{name}={value}" for name, value in values.items())


@pytest.mark.parametrize("lang", LANGS)
def test_axe_finds_nothing(browser: Browser, address: str, lang: str) -> None:
    """Zero violations of any level, on every type of page, at three widths, in light, dark and forced colours."""
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    found = []
    for path in PAGES:
        page.goto(address + address_of(path, lang=lang))
        page.evaluate(AXE)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            for scheme in SCHEMES:
                page.emulate_media(**scheme)  # type: ignore[arg-type]
                run = "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => [v.id, v.nodes[0].html.slice(0, 160)]))"
                found += [(path, width, *scheme.values(), *violation) for violation in page.evaluate(run)]
    context.close()
    assert found == []


def test_axe_finds_nothing_with_readings(browser: Browser, address: str) -> None:
    page = browser.new_context(bypass_csp=True).new_page()
    for path in ("/", "/projects/16", "/chat?q=仕事"):
        page.goto(address + address_of(path, ruby="1"))
        assert page.locator("ruby").count() > 20
        page.evaluate(AXE)
        assert page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))") == [], path


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_search_open_and_chat(browser: Browser, address: str, script: bool) -> None:
    page = browser.new_context(java_script_enabled=script, viewport={"width": 360, "height": 740}).new_page()
    page.goto(address)
    page.get_by_label("言葉や質問で探す").fill("空き店舗を借りたい")
    page.get_by_role("button", name="さがす").click()
    page.get_by_role("link", name="事業30").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("事業30")
    page.get_by_role("link", name="相談する", exact=True).click()
    page.get_by_label("お困りごと").fill("畑を借りて野菜を作りたい")
    page.get_by_role("button", name="送る").click()
    expect(page.get_by_role("log")).to_contain_text("都市農業課")
    page.get_by_role("button", name="担当の課は？").click()
    expect(page.locator(".turn")).to_have_count(2)
    page.get_by_role("button", name="もどる").click()
    expect(page.locator(".turn")).to_have_count(3)
    page.get_by_role("link", name="相談カード（印刷用）").first.click()
    expect(page.locator(".qr")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("窓口で聞くこと")


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_scrolls_sideways(browser: Browser, address: str, width: int) -> None:
    """320 px is also what 1280 px at 400% leaves."""
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    for path in PAGES:
        for lang in LANGS:
            page.goto(address + address_of(path, lang=lang))
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, lang)


def test_suggestions_appear_while_typing(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.get_by_label("言葉や質問で探す").press_sequentially("くみんの")
    expect(page.locator("#q-suggestions option[value='区民農園']")).to_have_count(1)


def test_chat_keeps_what_was_written_when_sending_fails(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address + "/chat")
    page.route("**/chat", lambda route: route.abort())
    page.get_by_label("お困りごと").fill("畑を借りたい")
    page.get_by_role("button", name="送る").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("お困りごと")).to_have_value("畑を借りたい")
    page.unroute("**/chat")
    page.get_by_role("button", name="送る").click()
    expect(page.get_by_role("log")).to_contain_text("区民農園")


def test_chat_is_sent_once_and_announced_in_one_place(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address + "/chat")
    page.get_by_label("お困りごと").fill("畑を借りたい")
    page.evaluate("() => { const send = document.querySelector('#send'); send.click(); send.click(); }")
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.get_by_role("status")).to_contain_text("区民農園")
    expect(page.get_by_label("お困りごと")).to_be_focused()
    assert page.locator("[aria-live=polite], [role=status]").count() == 1


def test_enter_while_converting_does_not_send(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address + "/chat")
    box = page.get_by_label("お困りごと")
    box.fill("はたけ")
    prevented = box.evaluate(
        "box => !box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    assert prevented and page.locator(".turn").count() == 0


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name || ''"))


def test_a_resident_by_keyboard_alone(browser: Browser, address: str) -> None:
    """定年後も働きたい: from the home page to the job centre, with every focus visible and within the window."""
    page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert focused(page) == "本文へ"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page) == "q"
    page.keyboard.type("定年後も働きたい")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    for _ in range(120):
        page.keyboard.press("Tab")
        box = page.evaluate("(() => { const r = document.activeElement.getBoundingClientRect(); return [r.top, r.bottom, innerHeight]; })()")
        assert box[1] > 0 and box[0] < box[2], focused(page)
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", focused(page)
        if "事業16" in focused(page):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("三軒茶屋就労支援センター")


def test_staff_find_the_section_within_eight_keystrokes(browser: Browser, address: str) -> None:
    """商店街のAED: the 課 stands on the screen after three keys, no mouse; then the keys of the desk."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address + "/desk")
    page.keyboard.type("aed")
    expect(page.locator(".office").first).to_contain_text("商業課")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    expect(page.get_by_role("status")).to_contain_text("コピーしました")
    assert "商業課" in str(page.evaluate("navigator.clipboard.readText()"))
    page.keyboard.press("Escape")
    expect(page.get_by_label("聞き取った言葉")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("事業33")


def test_the_finder_by_links_alone(browser: Browser, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address)
    page.get_by_role("link", name="暮らす人").click()
    page.get_by_role("link", name="仕事をさがしたい").click()
    page.get_by_role("link", name="わからない").click()
    expect(page.get_by_role("heading", name="当てはまりそう")).to_be_visible()
    assert "audience=" in page.url and "need=" in page.url and "skip=kind" in page.url


@pytest.mark.parametrize("path", ["/", "/chat?q=仕事", "/desk?q=AED", "/search?q=畑", "/finder"])
def test_every_control_has_a_name(browser: Browser, address: str, path: str) -> None:
    page = browser.new_page()
    page.goto(address + path)
    for role in ("button", "link", "textbox", "searchbox", "combobox"):
        for control in page.get_by_role(role).all():  # type: ignore[arg-type]
            assert control.evaluate("e => (e.labels && e.labels[0] || e).textContent.trim() || e.getAttribute('aria-label')"), control.evaluate(
                "e => e.outerHTML"
            )


@pytest.mark.parametrize("path", ["/projects/16", "/card?q=空き店舗を借りたい", "/chat?q=仕事", "/overview"])
def test_pages_print(browser: Browser, address: str, path: str) -> None:
    page = browser.new_page()
    page.goto(address + path)
    page.emulate_media(media="print")
    assert not page.locator("header.site nav").is_visible() and page.locator(".print-only").is_visible()
    assert len(page.pdf(format="A4")) > 10_000


def test_nothing_comes_from_elsewhere_and_the_first_page_is_light(browser: Browser, address: str) -> None:
    page = browser.new_page()
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: int(answer.headers.get("content-length") or 0)}))
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert all(url.startswith(address) for url in sizes) and errors == []
    assert sum(sizes.values()) < 60_000, sizes


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("path", PAGES)
def test_html_is_valid(client: FlaskClient, path: str, lang: str) -> None:
    """As a strict HTML5 parser reads it; ids stand once, and what refers to an id finds it."""
    text = client.get(address_of(path, lang=lang)).get_data(as_text=True)
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    ids = [found for element in tree.iter() if (found := element.get("id"))]
    assert len(ids) == len(set(ids))
    for element in tree.iter():
        for name in ("for", "aria-labelledby", "aria-describedby", "list"):
            assert set((element.get(name) or "").split()) <= set(ids), element.attrib
