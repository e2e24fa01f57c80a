// What JavaScript adds: suggestions, a chat without reloads, the desk while typing, print and copy. Every page works without it.
const $ = (selector, from = document) => from.querySelector(selector);
const parse = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
const status = (text) => {
  const line = $("#status");
  if (line) line.textContent = text;
};
const copy = async (text, button) => {
  await navigator.clipboard.writeText(text);
  status(button.dataset.done);
  button.textContent = button.dataset.done;
};

// A function called once typing pauses; not while an IME converts.
const paused = (input, wait, act) => {
  let timer = 0;
  let composing = false;
  const later = () => {
    clearTimeout(timer);
    if (!composing) timer = setTimeout(act, wait);
  };
  input.addEventListener("compositionstart", () => (composing = true));
  input.addEventListener("compositionend", () => ((composing = false), later()));
  input.addEventListener("input", later);
};

const reveal = (from) => {
  for (const button of from.querySelectorAll("[data-print], [data-copy-link], [data-copy-answer], [data-copy]")) button.hidden = false;
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("print" in button.dataset) window.print();
  else if (button.dataset.copyLink) copy(button.dataset.copyLink, button);
  else if ("copyAnswer" in button.dataset) copy($(".spoken", button.closest(".answer")).innerText, button);
  else if (button.dataset.copy) copyRow(button.closest("[data-row]"), button.dataset.copy);
});
// Paper shows what is folded on the screen.
window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));

// Suggestions: the browser's own list, which keyboards and screen readers know.
for (const input of document.querySelectorAll("input[type=search]")) {
  const list = document.createElement("datalist");
  list.id = `${input.id}-suggestions`;
  input.after(list);
  input.setAttribute("list", list.id);
  paused(input, 120, async () => {
    const asked = input.value.trim();
    if (!asked) return list.replaceChildren();
    try {
      const found = (await (await fetch(`/api/suggest?q=${encodeURIComponent(asked)}`)).json()).suggestions;
      if (input.value.trim() === asked) list.replaceChildren(...found.map((one) => Object.assign(document.createElement("option"), { value: one.text })));
    } catch {
      list.replaceChildren();
    }
  });
}

// Chat: the same form, answered in place. The new answer stands above the composer; only a short summary is announced.
const main = $("main");
main.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id !== "composer") return;
  event.preventDefault();
  if (form.dataset.busy) return;
  const chosen = event.submitter?.name === "choice";
  if (!chosen && !$("#message").value.trim()) return $("#message").focus();
  form.dataset.busy = "1";
  $("#trouble").hidden = true;
  try {
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const answer = await fetch("/chat", { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    const page = await parse(answer);
    const log = $("#log");
    const latest = $("#latest", page);
    if (!latest) throw new Error("empty");
    $("#latest")?.removeAttribute("id");
    const number = log.querySelectorAll(".turn").length + 1;
    latest.setAttribute("aria-labelledby", `turn-${number}`);
    $("h2", latest).id = `turn-${number}`;
    log.append(document.adoptNode(latest));
    $(".intro")?.remove();
    const next = document.adoptNode($("#composer", page));
    if (chosen) $("#message", next).value = $("#message").value;
    form.replaceWith(next);
    reveal(latest);
    status($("[data-summary]").textContent);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    latest.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    $("#message").focus({ preventScroll: true });
  } catch {
    $("#trouble").hidden = false;
  } finally {
    delete form.dataset.busy;
  }
});
main.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.isComposing) event.preventDefault();
});

// Desk: results while typing, then keys on a result that has the focus.
const desk = $("#desk");
const rows = () => [...desk.querySelectorAll("[data-row]")];
const copyRow = async (row, what) => {
  await navigator.clipboard.writeText($(`[data-${what}]`, row).textContent);
  status(desk.dataset.copied);
};
const unanswered = async () => {
  const form = $(".unanswered", desk);
  if (form && (await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) })).ok) status(desk.dataset.noted);
};
if (desk) {
  const input = $("[data-desk]");
  let asked = input.value;
  paused(input, 60, async () => {
    const text = input.value;
    if (text === asked) return;
    asked = text;
    const address = new URL($("#desk-form").action);
    for (const [name, value] of new FormData($("#desk-form"))) address.searchParams.set(name, value);
    address.searchParams.set("part", "1");
    const answer = await fetch(address);
    const page = await parse(answer);
    if (!answer.ok || input.value !== text) return;
    desk.replaceChildren(...page.body.childNodes);
    reveal(desk);
    status($("#row-1")?.closest("article").querySelector(".office").textContent ?? "");
  });
  input.focus();
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = rows();
    const at = all.indexOf(document.activeElement);
    const here = document.activeElement === input || at >= 0;
    if (event.key === "ArrowDown" && here && all[at + 1]) (event.preventDefault(), all[at + 1].focus());
    else if (event.key === "ArrowUp" && at >= 0) (event.preventDefault(), (all[at - 1] ?? input).focus());
    else if (event.key === "Escape") (input.focus(), input.select());
    else if (at >= 0 && event.key === "Enter") location.href = $("h2 a", all[at]).href;
    else if (at >= 0 && event.key.toLowerCase() === "c") copyRow(all[at], "points");
    else if (at >= 0 && event.key.toLowerCase() === "m") copyRow(all[at], "memo");
    else if (at >= 0 && event.key.toLowerCase() === "n") unanswered();
  });
}
reveal(document);
