// Fills the list of suggestions beside each search box while typing. Without this file the box is a plain box.
for (const input of document.querySelectorAll("input[type=search]")) {
  const list = document.createElement("datalist");
  list.id = `${input.id}-suggestions`;
  input.after(list);
  input.setAttribute("list", list.id);
  let waiting = 0;
  let composing = false;
  const fill = async () => {
    const asked = input.value.trim();
    if (!asked) return list.replaceChildren();
    try {
      const answer = await fetch(`/api/suggest?q=${encodeURIComponent(asked)}`);
      const found = (await answer.json()).suggestions;
      if (input.value.trim() !== asked) return;
      list.replaceChildren(...found.map((one) => Object.assign(document.createElement("option"), { value: one.text })));
    } catch {
      list.replaceChildren();
    }
  };
  const later = () => {
    clearTimeout(waiting);
    if (!composing) waiting = setTimeout(fill, 120);
  };
  input.addEventListener("compositionstart", () => (composing = true));
  input.addEventListener("compositionend", () => ((composing = false), later()));
  input.addEventListener("input", later);
}
