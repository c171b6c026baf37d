// What the server would not do, told beside the work; gone with the next item.
import { hear } from "./page.js";

const notice = document.getElementById("failure");
const { reopen } = document.getElementById("bench-status").dataset;

function clear() {
  notice.querySelectorAll("[data-where]").forEach((link) => link.remove());
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

hear("problem", ({ title, detail, where = [], reopen_url: again }) => {
  clear();
  notice.querySelector("p").textContent = detail && detail !== title ? `${title}. ${detail}` : title;
  notice.append(...where.map(link));
  if (again) notice.append(link({ label: reopen, url: again }));
  notice.hidden = false;
});
hear("shown", clear);
