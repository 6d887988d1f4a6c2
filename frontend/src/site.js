/* Small comforts over pages that work without them: sorting, copying, quotes on hover, the theme. */
import "./site.css";
import "./pictures.js";
import "./suggest.js";
import { word } from "./words.js";

/* Theme */
const toggle = document.querySelector(".theme");
if (toggle) {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const show = () => toggle.setAttribute("aria-pressed", String(dark()));
  toggle.hidden = false;
  show();
  toggle.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try {
      localStorage.setItem("fundgraph-theme", root.dataset.theme);
    } catch {
      /* It holds for this page only. */
    }
    show();
  });
}

/* Tables */
const order = new Intl.Collator(document.documentElement.lang || "en", { numeric: true, sensitivity: "base" });
const valueOf = (row, column) => {
  const cell = row.cells[column];
  return cell?.dataset.sort ?? cell?.textContent.trim() ?? "";
};
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  [...(table.tHead?.rows[0]?.cells ?? [])].forEach((head, column) => {
    if (!head.textContent.trim() || head.hasAttribute("data-fixed")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...body.rows].sort((a, b) => order.compare(valueOf(a, column), valueOf(b, column)) * (up ? 1 : -1));
      body.append(...rows);
    });
  });
}

/* Copying */
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.querySelector(button.dataset.copy);
    const text = source?.tagName === "TABLE"
      ? [...source.rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim().replace(/\s+/g, " ")).join("\t")).join("\n")
      : (source?.dataset.text ?? source?.textContent.trim() ?? button.dataset.text ?? "");
    await navigator.clipboard.writeText(text);
    const said = button.textContent;
    button.textContent = word("Copied");
    setTimeout(() => { button.textContent = said; }, 1500);
  });
}

/* The quote behind a mark, on hover or focus */
for (const mark of document.querySelectorAll(".mark[title]")) {
  mark.dataset.quote = mark.title; // the tip of our own instead of the browser's, which keyboards never see
  mark.removeAttribute("title");
}
let shown = null;
const hide = () => {
  shown?.remove();
  shown = null;
};
const reveal = (event) => {
  const mark = event.target.closest?.("[data-quote]");
  hide();
  if (!mark) return;
  shown = document.createElement("div");
  shown.className = "quote";
  shown.setAttribute("aria-hidden", "true");
  shown.textContent = mark.dataset.quote;
  document.body.append(shown);
  const box = mark.getBoundingClientRect();
  const width = shown.offsetWidth;
  const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - width - 8));
  const below = box.bottom + 6 + shown.offsetHeight < window.innerHeight;
  shown.style.left = `${left + window.scrollX}px`;
  shown.style.top = `${window.scrollY + (below ? box.bottom + 6 : box.top - 6 - shown.offsetHeight)}px`;
};
document.addEventListener("mouseover", reveal);
document.addEventListener("focusin", reveal);
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
document.addEventListener("scroll", hide, { passive: true });
