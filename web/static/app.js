// What JavaScript adds: suggestions, a chat without reloads, the desk while typing, print and copy. Every page works without it.
const $ = (selector, from = document) => from.querySelector(selector);
const parse = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
const status = (text) => {
  const line = $("#status");
  if (line) line.textContent = text;
};
// Copies a text, over plain http too, where browsers have no clipboard to write to.
const write = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  if (!copied) throw new Error("copy");
};
const copy = async (text, button) => {
  await write(text);
  status(button.dataset.done);
  button.textContent = button.dataset.done;
};
// The words of an element, a line for each paragraph, without the readings over its kanji.
const words = (element) => {
  const plain = element.cloneNode(true);
  for (const reading of plain.querySelectorAll("rt, rp")) reading.remove();
  const lines = [...plain.querySelectorAll("p, footer")].map((line) => line.textContent.replace(/\s+/g, " ").trim());
  return lines.filter(Boolean).join("\n");
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
  else if ("copyAnswer" in button.dataset) copy(words($(".spoken", button.closest(".answer"))), button);
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
// The talk and what is being typed are kept by this tab alone: through a reload, another register, and the way back from a card.
const main = $("main");
const TALK = "talk";
const remembered = () => {
  try {
    const talk = JSON.parse(sessionStorage.getItem(TALK));
    return talk && [talk.said, talk.state, talk.draft].every((one) => typeof one === "string") ? talk : null;
  } catch {
    return null;
  }
};
const remember = (form) => {
  try {
    const [said, state, draft] = ["said", "state", "message"].map((name) => form.elements[name].value);
    sessionStorage.setItem(TALK, JSON.stringify({ said, state, draft }));
  } catch {
    // Without storage the talk lives as long as the page.
  }
};
const forget = () => {
  try {
    sessionStorage.removeItem(TALK);
  } catch {
    // Nothing was kept.
  }
};
const talked = (said) => said !== "" && said !== "[]";

const complain = (form, text) => {
  const line = $("#message-trouble", form);
  const field = $("#message", form);
  line.textContent = text;
  line.hidden = !text;
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  status(text);
  if (text) field.focus();
};
// Characters as the server counts them.
const length = (text) => [...text.normalize("NFKC").replace(/\p{C}/gu, "").trim()].length;
const count = (form) => {
  const left = Number(form.dataset.limit) - length($("#message", form).value);
  $("#count", form).textContent = left <= 50 && left >= 0 ? form.dataset.left.replace("#", left) : "";
};
const trouble = (form, text) => {
  const many = length(text);
  if (!many) return form.dataset.empty;
  return many > Number(form.dataset.limit) ? form.dataset.long.replace("#", many) : "";
};
const wait = (form, text) => {
  const turn = $("#waiting").content.firstElementChild.cloneNode(true);
  $("[data-heard]", turn).textContent = text;
  $("#log").append(turn);
  $("#send", form).textContent = form.dataset.waiting;
  status(form.dataset.waiting);
  turn.scrollIntoView({ block: "nearest" });
  return turn;
};
const answered = async (body) => {
  const answer = await fetch("/chat", { method: "POST", body });
  if (!answer.ok) throw new Error(answer.status);
  const page = await parse(answer);
  if (!$("#latest", page)) throw new Error("empty");
  return page;
};

main.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id !== "composer") return;
  event.preventDefault();
  if (form.dataset.busy) return;
  const chosen = event.submitter?.name === "choice";
  const typed = $("#message", form).value;
  const wrong = chosen ? "" : trouble(form, typed);
  complain(form, wrong);
  if (wrong) return;
  form.dataset.busy = "1";
  $("#trouble").hidden = true;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  if (!chosen) $("#message", form).value = "";
  const label = $("#send", form).textContent;
  const waiting = wait(form, chosen ? event.submitter.value : typed);
  try {
    const page = await answered(body);
    const log = $("#log");
    const latest = $("#latest", page);
    $("#latest")?.removeAttribute("id");
    waiting.remove();
    const number = log.querySelectorAll(".turn").length + 1;
    latest.setAttribute("aria-labelledby", `turn-${number}`);
    $("h2", latest).id = `turn-${number}`;
    log.append(document.adoptNode(latest));
    $(".intro")?.remove();
    const next = document.adoptNode($("#composer", page));
    // What was typed while the answer was awaited, or beside a choice, stays.
    $("#message", next).value = $("#message", form).value;
    form.replaceWith(next);
    remember(next);
    count(next);
    reveal(latest);
    status($("[data-summary]").textContent);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    latest.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    $("#message").focus({ preventScroll: true });
  } catch {
    waiting.remove();
    $("#send", form).textContent = label;
    const field = $("#message", form);
    if (!chosen) field.value = typed + field.value;
    $("#trouble").hidden = false;
    delete form.dataset.busy;
    field.focus();
  }
});
main.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.isComposing) event.preventDefault();
});
main.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.id !== "composer") return;
  count(form);
  if (!$("#message-trouble", form).hidden) complain(form, "");
  // A page that shows one answer alone does not take the place of the talk before the reader goes on from it.
  if (!new URLSearchParams(location.search).has("q") || !remembered()) remember(form);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-forget]")) forget();
  const back = event.target.closest("[data-back]");
  if (back && talked(remembered()?.said ?? "")) back.href = back.dataset.back;
});
const composer = $("#composer");
if (composer && !new URLSearchParams(location.search).has("q")) {
  const talk = remembered();
  const shown = talked(composer.elements.said.value);
  if (shown) remember(composer);
  else if (talk) {
    $("#message").value = talk.draft;
    count(composer);
    if (talked(talk.said)) {
      const body = new URLSearchParams(new FormData(composer));
      for (const [name, value] of Object.entries({ said: talk.said, state: talk.state, restore: "1" })) body.set(name, value);
      try {
        const page = await answered(body);
        $("#log").replaceWith(document.adoptNode($("#log", page)));
        $("#composer").replaceWith(document.adoptNode($("#composer", page)));
        $(".intro")?.remove();
        $("#message").value = talk.draft;
        count($("#composer"));
      } catch {
        forget();
      }
    }
  }
}

// Desk: results while typing, then keys on a result that has the focus.
const desk = $("#desk");
const rows = () => [...desk.querySelectorAll("[data-row], .unanswered button")];
const copyRow = async (row, what) => {
  await write($(`[data-${what}]`, row).textContent);
  status(desk.dataset.copied);
};
const unanswered = async () => {
  const form = $(".unanswered", desk);
  if (!form) return;
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  status(new URL(answer.url).searchParams.get("noted") === "1" ? desk.dataset.noted : desk.dataset.unkept);
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
    else if (document.activeElement === input) return;
    else if (event.key.toLowerCase() === "n") unanswered();
    else if (!all[at]?.matches("[data-row]")) return;
    else if (event.key === "Enter") location.href = $("h2 a", all[at]).href;
    else if (event.key.toLowerCase() === "c") copyRow(all[at], "points");
    else if (event.key.toLowerCase() === "m") copyRow(all[at], "memo");
  });
}
reveal(document);
