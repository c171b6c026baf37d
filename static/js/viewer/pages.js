// A long text is read in pages as high as its frame, each beginning with a whole line. The frame
// scrolls as before: a page is a place in it, and the wheel may stop anywhere.
const frames = new WeakSet();

const lineOf = (frame) => parseFloat(getComputedStyle(frame.querySelector(".words")).lineHeight) || 24;

// Whole lines, one of which is seen again on the next page.
const stepOf = (frame) => Math.max(1, Math.floor(frame.clientHeight / lineOf(frame)) - 1) * lineOf(frame);

const pagesOf = (frame) =>
  Math.max(1, Math.ceil((frame.scrollHeight - frame.clientHeight - 1) / stepOf(frame)) + 1);

function pageOf(frame) {
  const atEnd = frame.scrollTop + frame.clientHeight >= frame.scrollHeight - 1;
  return atEnd ? pagesOf(frame) : Math.min(pagesOf(frame), Math.round(frame.scrollTop / stepOf(frame)) + 1);
}

function tell(frame) {
  const bar = frame.parentElement.querySelector("[data-pages-bar]");
  const [page, pages] = [pageOf(frame), pagesOf(frame)];
  bar.hidden = pages < 2;
  const words = bar.dataset.said.replace("{page}", page).replace("{pages}", pages);
  const said = bar.querySelector("output");
  if (said.textContent !== words) said.textContent = words;
  bar.querySelector("[data-page='-1']").disabled = page === 1;
  bar.querySelector("[data-page='1']").disabled = page === pages;
}

function show(item) {
  const frame = item.querySelector("[data-pages]");
  if (!frame || frames.has(frame)) return;
  frames.add(frame);
  frame.addEventListener("scroll", () => tell(frame), { passive: true });
  new ResizeObserver(() => tell(frame)).observe(frame);
  tell(frame);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-page]");
  if (!button) return;
  const frame = button.closest(".stage").querySelector("[data-pages]");
  const page = Math.min(pagesOf(frame), Math.max(1, pageOf(frame) + Number(button.dataset.page)));
  frame.scrollTop = (page - 1) * stepOf(frame);
  tell(frame);
  // The focus stays near by when the button it was on cannot act any more.
  if (button.disabled) frame.focus({ preventScroll: true });
});

document.addEventListener("bench:shown", (event) => show(event.detail.item));
show(document);
