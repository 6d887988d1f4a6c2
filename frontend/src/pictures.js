/* Pictures: take one along; look closer at a network, move its dots, see whom one is tied to. Nothing moves by itself. */
import "./pictures.css";
import { word } from "./words.js";

/* Saving: a copy of the drawing that holds its own colours. */
const KEPT = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "paint-order", "opacity", "font-family", "font-size", "font-weight", "text-anchor", "visibility"];
function alone(svg) {
  const copy = svg.cloneNode(true);
  const from = [svg, ...svg.querySelectorAll("*")];
  const to = [copy, ...copy.querySelectorAll("*")];
  from.forEach((node, at) => {
    const seen = getComputedStyle(node);
    for (const name of KEPT) to[at].setAttribute(name, seen.getPropertyValue(name)); // as attributes: the page allows no styles of its own
    to[at].removeAttribute("class");
    if (node.hasAttribute("href")) to[at].setAttribute("href", new URL(node.getAttribute("href"), location).href);
  });
  const box = svg.viewBox.baseVal;
  copy.setAttribute("width", box.width);
  copy.setAttribute("height", box.height);
  const paper = document.createElementNS(svg.namespaceURI, "rect");
  for (const name of ["x", "y", "width", "height"]) paper.setAttribute(name, box[name]);
  paper.setAttribute("fill", getComputedStyle(svg.closest(".frame") ?? document.body).backgroundColor);
  copy.prepend(paper);
  return { text: new XMLSerializer().serializeToString(copy), width: box.width, height: box.height };
}
function hand(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
async function save(svg, kind, name) {
  const { text, width, height } = alone(svg);
  const file = new Blob([text], { type: "image/svg+xml" });
  if (kind === "svg") return hand(file, `${name}.svg`);
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  const scale = Math.min(2, 8000 / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => blob && hand(blob, `${name}.png`), "image/png");
}
export function pictureTools(place) {
  for (const tools of place.querySelectorAll("[data-picture-tools]")) {
    tools.hidden = false;
    for (const button of tools.querySelectorAll("[data-save]")) {
      button.addEventListener("click", () => save(button.closest("figure").querySelector("svg"), button.dataset.save, button.dataset.name));
    }
  }
}

/* A network: zoom by buttons, keys, or Ctrl and the wheel; drag the paper or a dot. */
export function network(figure) {
  const svg = figure.querySelector("svg.net");
  const frame = figure.querySelector(".frame");
  const whole = svg.getAttribute("viewBox").split(" ").map(Number);
  let view = [...whole];
  const nodes = new Map([...svg.querySelectorAll("a[data-n]")].map((node) => [node.dataset.n, { node, dot: node.querySelector("circle"), text: node.querySelector("text"), lines: [], near: new Set() }]));
  for (const line of svg.querySelectorAll("line")) {
    const { a, b } = line.dataset;
    nodes.get(a).lines.push([line, "1"]);
    nodes.get(b).lines.push([line, "2"]);
    nodes.get(a).near.add(b);
    nodes.get(b).near.add(a);
  }
  const names = [...svg.querySelectorAll(".tie-names text")];
  const show = () => svg.setAttribute("viewBox", view.map((n) => n.toFixed(1)).join(" "));
  const zoom = (by, x = view[0] + view[2] / 2, y = view[1] + view[3] / 2) => {
    const width = Math.min(whole[2], Math.max(whole[2] / 12, view[2] / by));
    const real = width / view[2];
    view = [x - (x - view[0]) * real, y - (y - view[1]) * real, width, view[3] * real];
    if (real !== 1 && width === whole[2]) view = [...whole];
    show();
  };
  const shift = (right, down) => { view[0] += right * view[2]; view[1] += down * view[3]; show(); };
  const home = () => { view = [...whole]; show(); };
  const at = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());

  const tools = figure.querySelector("[data-picture-tools]");
  const bar = document.createElement("span");
  bar.className = "zoom";
  for (const [sign, words, act] of [["+", "Closer", () => zoom(1.4)], ["−", "Further away", () => zoom(1 / 1.4)], ["↺", "The whole picture", home]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", word(words));
    button.title = word(words);
    button.addEventListener("click", act);
    bar.append(button);
  }
  tools?.prepend(bar, " ");
  const keys = { "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), 0: home, ArrowLeft: () => shift(-0.1, 0), ArrowRight: () => shift(0.1, 0), ArrowUp: () => shift(0, -0.1), ArrowDown: () => shift(0, 0.1) };
  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    if (event.key.startsWith("Arrow") && view[2] >= whole[2]) return;
    event.preventDefault();
    keys[event.key]();
  });
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const point = at(event);
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, point.x, point.y);
  }, { passive: false });

  let held = null;
  let moved = false;
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  svg.addEventListener("pointerdown", (event) => {
    if (event.button || (event.pointerType === "touch" && view[2] >= whole[2])) return;
    held = { from: at(event), node: nodes.get(event.target.closest("a")?.dataset.n) };
    moved = false;
  });
  window.addEventListener("pointermove", (event) => {
    if (!held) return;
    const to = at(event);
    const right = to.x - held.from.x;
    const down = to.y - held.from.y;
    if (!moved && Math.hypot(right, down) * svg.getScreenCTM().a < 4) return;
    moved = true;
    svg.classList.add("held");
    if (!held.node) {
      view[0] -= right;
      view[1] -= down;
      show();
      return;
    }
    held.from = to;
    const push = (what, name, by) => what.setAttribute(name, (Number(what.getAttribute(name)) + by).toFixed(1));
    const { dot, text, lines } = held.node;
    push(dot, "cx", right); push(dot, "cy", down); push(text, "x", right); push(text, "y", down);
    for (const [line, end] of lines) { push(line, `x${end}`, right); push(line, `y${end}`, down); }
    const own = held.node.dot.closest("a").dataset.n;
    for (const name of names) if (name.dataset.a === own || name.dataset.b === own) { push(name, "x", right / 2); push(name, "y", down / 2); }
  });
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, () => { held = null; svg.classList.remove("held"); });
  svg.addEventListener("click", (event) => { if (moved) { event.preventDefault(); moved = false; } }, true);

  const light = (event) => {
    const found = event.target.closest?.("a[data-n]")?.dataset.n;
    svg.classList.toggle("near", Boolean(found));
    for (const [key, { node }] of nodes) node.classList.toggle("on", key === found || Boolean(nodes.get(found)?.near.has(key)));
    for (const line of svg.querySelectorAll("line, .tie-names text")) line.classList.toggle("on", Boolean(found) && (line.dataset.a === found || line.dataset.b === found));
  };
  for (const name of ["pointerover", "focusin", "focusout", "pointerleave"]) svg.addEventListener(name, (event) => light(name.endsWith("out") || name.endsWith("leave") ? { target: svg } : event));
}
pictureTools(document);
for (const figure of document.querySelectorAll('[data-picture="network"]')) network(figure);
