// What the server would not do, told beside the work; gone with the next item.
import { hear } from "./page.js";

const notice = document.getElementById("failure");

function clear() {
  notice.querySelectorAll("[data-where]").forEach((link) => link.remove());
  notice.hidden = true;
}

hear("problem", ({ title, detail, where = [] }) => {
  clear();
  notice.querySelector("p").textContent = detail && detail !== title ? `${title}. ${detail}` : title;
  for (const { label, url } of where) {
    const link = document.createElement("a");
    link.dataset.where = "";
    link.className = "button";
    link.href = url;
    link.textContent = label;
    notice.append(link);
  }
  notice.hidden = false;
});
hear("shown", clear);
