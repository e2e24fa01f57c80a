// Sends the form without a reload; without this file the form posts as it stands.
const main = document.querySelector("main");
main.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id !== "composer") return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const body = new URLSearchParams(new FormData(form, event.submitter));
  try {
    const answer = await fetch("/chat", { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const log = document.querySelector("#log");
    log.querySelector("#latest")?.removeAttribute("id");
    const latest = page.querySelector("#latest");
    if (latest) log.append(document.adoptNode(latest));
    form.replaceWith(document.adoptNode(page.querySelector("#composer")));
    document.querySelector("#message").focus();
  } catch {
    delete form.dataset.busy;
    form.submit();
  }
});
