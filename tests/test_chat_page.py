"""The chat's form in the system's Chromium: Enter sends what was typed, and no word is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Route, expect

FIELD, SEND = "#message", "#send"
#: The composer in each of its states, by the messages before.
STATES: dict[str, tuple[str, ...]] = {
    "at first": (),
    "with choices": ("商店街の防犯カメラ",),
    "with conditions": ("子どもに畑を体験させたい", "うちは高齢者です"),
    "asked back": ("相談したい",),
    "after care": ("死にたい",),
}


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page as wide as a phone, of a context of its own."""
    context = browser.new_context(java_script_enabled=request.param, viewport={"width": 360, "height": 740}, base_url=address)
    yield context.new_page()
    context.close()


@pytest.fixture
def scripted(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, base_url=address)
    yield context.new_page()
    context.close()


def send(page: Page, text: str) -> None:
    """Types a message, presses Enter and waits for its answer."""
    before = page.locator(".turn:not(.waiting)").count()
    page.fill(FIELD, text)
    page.press(FIELD, "Enter")
    expect(page.locator(".turn:not(.waiting)")).to_have_count(before + 1)


def last(page: Page) -> str:
    """The words of the last turn that its reader is said to have sent."""
    return page.locator(".turn [data-heard]").last.inner_text()


@pytest.mark.parametrize("state", STATES)
def test_enter_sends_what_was_typed(page: Page, state: str) -> None:
    """Not the first choice, nor the removal of a condition."""
    page.goto("/chat")
    for message in STATES[state]:
        send(page, message)
    if state == "with conditions":
        expect(page.locator(".chips button").first).to_be_visible()
    send(page, "畑を借りたい")
    assert last(page) == "畑を借りたい" and page.input_value(FIELD) == ""


def test_enter_sends_what_was_typed_after_an_error(page: Page) -> None:
    page.goto("/chat")
    page.press(FIELD, "Enter")
    expect(page.locator("#message-trouble")).to_have_text("お困りごとを書いてください。")
    send(page, "畑を借りたい")
    assert last(page) == "畑を借りたい"


def test_a_choice_is_sent_and_leaves_what_was_typed(page: Page) -> None:
    page.goto("/chat")
    send(page, "商店街の防犯カメラ")
    page.fill(FIELD, "書きかけの文")
    page.get_by_role("button", name="担当の課は？").click()
    expect(page.locator(".turn:not(.waiting)")).to_have_count(2)
    assert last(page) == "担当の課は?" or last(page) == "担当の課は？"
    assert page.input_value(FIELD) == "書きかけの文"


@pytest.mark.parametrize("text", ["", "   ", "\u200b"])
def test_an_empty_message_is_told_and_the_talk_stays(page: Page, text: str) -> None:
    page.goto("/chat")
    send(page, "商店街の防犯カメラ")
    page.fill(FIELD, text)
    page.press(FIELD, "Enter")
    expect(page.locator("#message-trouble")).to_have_text("お困りごとを書いてください。")
    expect(page.locator(f"{FIELD}[aria-invalid=true]")).to_have_count(1)
    expect(page.locator(".turn")).to_have_count(1)


def test_a_long_message_is_told_with_its_count_and_kept(page: Page) -> None:
    page.goto("/chat")
    text = "あ" * 301
    page.fill(FIELD, text)
    page.press(FIELD, "Enter")
    expect(page.locator("#message-trouble")).to_have_text("300文字までにしてください。いまは301文字です。")
    assert page.input_value(FIELD) == text
    page.fill(FIELD, "あ" * 300)
    page.press(FIELD, "Enter")
    expect(page.locator(".turn:not(.waiting)")).to_have_count(1)


def test_characters_left_are_told_near_the_limit(scripted: Page) -> None:
    scripted.goto("/chat")
    scripted.fill(FIELD, "あ" * 249)
    expect(scripted.locator("#count")).to_have_text("")
    scripted.fill(FIELD, "あ" * 250)
    expect(scripted.locator("#count")).to_have_text("あと50文字")


def test_waiting_shows_the_question_at_once_and_sends_once(scripted: Page) -> None:
    sent: list[str] = []

    def slow(route: Route) -> None:
        sent.append(route.request.post_data or "")
        scripted.wait_for_timeout(400)
        route.continue_()

    scripted.goto("/chat")
    scripted.route("**/chat", slow)
    scripted.fill(FIELD, "畑を借りたい")
    scripted.press(FIELD, "Enter")
    expect(scripted.locator(".waiting [data-heard]")).to_have_text("畑を借りたい")
    expect(scripted.locator("#status")).to_have_text("調べています…")
    expect(scripted.locator(SEND)).to_have_text("調べています…")
    scripted.press(FIELD, "Enter")
    scripted.fill(FIELD, "つぎの文")
    expect(scripted.locator(".turn:not(.waiting)")).to_have_count(1)
    expect(scripted.locator(".waiting")).to_have_count(0)
    assert len(sent) == 1 and scripted.input_value(FIELD) == "つぎの文"
    expect(scripted.locator(SEND)).to_have_text("送る")


@pytest.mark.parametrize("fault", ["no network", "500"])
def test_a_message_that_could_not_be_sent_stands_in_its_field_again(scripted: Page, fault: str) -> None:
    scripted.goto("/chat")
    scripted.route("**/chat", lambda route: route.abort() if fault == "no network" else route.fulfill(status=500, body="x"))
    scripted.fill(FIELD, "畑を借りたい")
    scripted.press(FIELD, "Enter")
    expect(scripted.get_by_role("alert")).to_contain_text("送れませんでした")
    assert scripted.input_value(FIELD) == "畑を借りたい" and scripted.locator(".turn").count() == 0
    scripted.unroute("**/chat")
    send(scripted, "畑を借りたい")
    expect(scripted.get_by_role("alert")).to_have_count(0)


def test_the_talk_and_the_draft_survive_a_reload_and_a_change_of_register(scripted: Page) -> None:
    scripted.goto("/chat")
    send(scripted, "商店街の防犯カメラ")
    send(scripted, "担当の課は？")
    scripted.fill(FIELD, "書きかけの文")
    for step in ("reload", "やさしい日本語", "English", "日本語", "ふりがなをつける"):
        scripted.reload() if step == "reload" else scripted.get_by_role("link", name=step, exact=True).click()
        expect(scripted.locator(".turn")).to_have_count(2)
        assert scripted.input_value(FIELD) == "書きかけの文", step
    expect(scripted.locator(".turn").first).to_contain_text("防犯")
    send(scripted, "ほかには？")
    expect(scripted.locator(".turn")).to_have_count(3)


def test_the_way_back_from_the_card_leads_to_the_talk(scripted: Page) -> None:
    scripted.goto("/chat")
    send(scripted, "商店街の防犯カメラ")
    send(scripted, "担当の課は？")
    scripted.get_by_role("link", name="相談カード（印刷用）").last.click()
    scripted.get_by_role("link", name="相談にもどる").click()
    expect(scripted.locator(".turn")).to_have_count(2)


def test_one_answer_by_its_address_does_not_take_the_place_of_the_talk(scripted: Page) -> None:
    scripted.goto("/chat")
    send(scripted, "商店街の防犯カメラ")
    scripted.goto("/chat?q=畑を借りたい")
    expect(scripted.locator(".turn")).to_have_count(1)
    scripted.goto("/chat")
    expect(scripted.locator(".turn [data-heard]")).to_have_text("商店街の防犯カメラ")


def test_starting_over_forgets(scripted: Page) -> None:
    scripted.goto("/chat")
    send(scripted, "商店街の防犯カメラ")
    scripted.get_by_role("link", name="最初から").click()
    expect(scripted.locator(".turn")).to_have_count(0)
    scripted.reload()
    expect(scripted.locator(".turn")).to_have_count(0)


@pytest.mark.parametrize(
    "kept",
    ["x", "null", "[]", '{"said": 1}', '{"said": "[1", "state": "?", "draft": "文"}', '{"said": "[\\"畑\\"]", "state": "\\ud800", "draft": ""}'],
)
def test_a_damaged_memory_is_no_failure(scripted: Page, kept: str) -> None:
    errors: list[str] = []
    scripted.on("pageerror", lambda error: errors.append(str(error)))
    scripted.goto("/chat")
    scripted.evaluate("kept => sessionStorage.setItem('talk', kept)", kept)
    scripted.reload()
    send(scripted, "畑を借りたい")
    assert errors == []


def test_enter_while_an_ime_converts_sends_nothing(scripted: Page) -> None:
    scripted.goto("/chat")
    scripted.focus(FIELD)
    client = scripted.context.new_cdp_session(scripted)
    client.send("Input.imeSetComposition", {"text": "はたけ", "selectionStart": 3, "selectionEnd": 3})
    scripted.keyboard.press("Enter")
    expect(scripted.locator(".turn")).to_have_count(0)


@pytest.mark.parametrize("clipboard", [True, False])
def test_an_answer_is_copied_without_its_readings_over_plain_http_too(browser: Browser, address: str, clipboard: bool) -> None:
    context = browser.new_context(base_url=address)
    if clipboard:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    if not clipboard:
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.add_init_script("document.addEventListener('copy', () => (window.copied = document.activeElement.value))")
    page.goto("/chat?q=空き店舗を借りたい&ruby=1")
    page.get_by_role("button", name="答").last.click()
    expect(page.locator("#status")).to_have_text("コピーしました")
    copied = page.evaluate("navigator.clipboard ? navigator.clipboard.readText() : window.copied")
    assert "空き店舗" in copied and "てんぽ" not in copied and "第3章" not in copied.splitlines()[0] and "\n" in copied
    context.close()


def test_restoring_answers_all_turns_without_a_new_one(client: FlaskClient) -> None:
    page = client.post("/chat", data={"said": '["畑を借りたい", "担当課は？"]', "restore": "1", "message": "書きかけ", "lang": "easy"})
    assert page.status_code == 200 and page.text.count('class="turn"') == 2 and 'value="書きかけ"' in page.text
    assert page.text.count("message-trouble") >= 1 and "お困りごとを書いてください。</p>" not in page.text
