// A failed request must never replace the work on the screen: it is told beside it instead.
const notice = () => document.getElementById("failure");

function tell(text) {
  const region = notice();
  region.querySelector("p").textContent = text;
  region.hidden = false;
  document.querySelector("dialog:modal")?.close();
}

// What the page of an error says of it, its heading where that is all; nothing of any other page.
function summary(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const said = page.querySelector("[data-error-summary]");
  return said && (said.textContent.replace(/\s+/g, " ").trim() || page.querySelector("h1").textContent);
}

document.addEventListener("htmx:before:response", (event) => {
  const { raw } = event.detail.ctx.response;
  // A session that ran out answers with the login page: go there, rather than show it in a fragment.
  if (raw.redirected && new URL(raw.url).pathname !== location.pathname) {
    event.preventDefault();
    location.assign(raw.url);
  }
});

document.addEventListener("htmx:before:swap", (event) => {
  const { response, target, text } = event.detail.ctx;
  if (response?.status >= 400 && !text.includes(`id="${target?.id}"`)) {
    event.preventDefault();
    tell(summary(text) ?? notice().dataset.refusedText.replace("{status}", response.status));
  }
});

document.addEventListener("htmx:error", (event) => {
  // A missed poll repairs itself; an answer that did not arrive must be told.
  if (event.detail.ctx?.request.method === "GET") return;
  tell(notice().dataset.silentText);
});

document.addEventListener("htmx:after:swap", () => { notice().hidden = true; });
