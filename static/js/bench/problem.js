// What the server would not do, told beside the work; gone with the next item.
import { hear } from "./page.js";

const notice = document.getElementById("failure");
const { reopen } = document.getElementById("bench-status")?.dataset ?? {};

function clear() {
  notice.querySelectorAll("[data-where]").forEach((element) => element.remove());
  notice.hidden = true;
}

function link({ label, url }) {
  const element = document.createElement("a");
  element.dataset.where = "";
  element.className = "button";
  element.href = url;
  element.textContent = label;
  return element;
}

function choice({ label, act }) {
  const element = document.createElement("button");
  element.dataset.where = "";
  element.type = "button";
  element.className = "button";
  element.textContent = label;
  element.addEventListener("click", () => {
    clear();
    act();
  });
  return element;
}

hear("problem", ({ title, detail, where = [], reopen_url: again, choices = [] }) => {
  clear();
  notice.querySelector("p").textContent = detail && detail !== title ? `${title}. ${detail}` : title;
  notice.append(...where.map(link));
  if (again) notice.append(link({ label: reopen, url: again }));
  notice.append(...choices.map(choice));
  notice.hidden = false;
});
hear("shown", clear);
