/* The answer of a CONSTRUCT or DESCRIBE as a network: things as dots, statements between them as arrows, all of them
 * as a table below. The same statements give the same drawing. */
import { network, pictureTools } from "./pictures.js";
import { word } from "./words.js";

const MOST = 200; // more dots than this are a cloud
const MOST_ROWS = 500;
const NAMED = 40; // with more arrows than this their names are shown only where one looks
const RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const NAMING = /(?:#|\/)(?:label|prefLabel|name|title)$/;
const SVG = "http://www.w3.org/2000/svg";
const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512" aria-hidden="true"><path d="M96 192a64 64 0 1 1 61-84l150 38a64 64 0 1 1 5 62l-106 130a64 64 0 1 1-37-30l106-130 0-2-130-33a64 64 0 0 1-49 49z"/></svg>';

const local = (iri) => decodeURIComponent(/[^#/]+[#/]?$/.exec(iri)?.[0] ?? iri);
const keyOf = (term) => (term.termType === "BlankNode" ? `_:${term.value}` : term.value);
const isThing = (term) => term.termType !== "Literal";
const made = (name, attributes = {}, ...children) => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};
const element = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};
const fill = (text, ...values) => values.reduce((said, value) => said.replace("{}", value), word(text));

/* Which things hang together by what: pairs in one direction, with all the properties between them. */
function linked(statements) {
  const between = statements.filter(({ object }) => isThing(object));
  const plain = between.filter(({ predicate }) => predicate.value !== RDF_TYPE);
  const pairs = new Map();
  for (const { subject, predicate, object } of plain.length ? plain : between) {
    const one = keyOf(subject), other = keyOf(object);
    if (one === other) continue;
    const pair = pairs.get(`${one} ${other}`) ?? { one, other, by: new Set() };
    pair.by.add(predicate.value);
    pairs.set(`${one} ${other}`, pair);
  }
  const ties = new Map();
  for (const { one, other } of pairs.values()) for (const key of [one, other]) ties.set(key, (ties.get(key) ?? 0) + 1);
  for (const { subject } of statements) if (!ties.has(keyOf(subject))) ties.set(keyOf(subject), 0);
  const things = [...ties].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([key]) => key);
  const drawn = new Set(things.slice(0, MOST));
  return { things: [...drawn], left: things.length - drawn.size, pairs: [...pairs.values()].filter(({ one, other }) => drawn.has(one) && drawn.has(other)) };
}

/* Where the dots stand: all push one another away, arrows pull. */
function placed(things, pairs) {
  const at = new Map(things.map((key, n) => [key, n]));
  const x = things.map((_, n) => Math.sqrt(n + 0.5) * 60 * Math.cos(n * 2.399963));
  const y = things.map((_, n) => Math.sqrt(n + 0.5) * 60 * Math.sin(n * 2.399963));
  const near = pairs.map(({ one, other }) => [at.get(one), at.get(other)]);
  const wish = 110;
  const rounds = 260;
  for (let round = 0; round < rounds; round += 1) {
    const reach = 60 * (1 - round / rounds) + 1;
    const right = new Float64Array(things.length), down = new Float64Array(things.length);
    for (let a = 0; a < things.length; a += 1) {
      right[a] -= x[a] * 0.03; // nobody drifts away
      down[a] -= y[a] * 0.05;
      for (let b = 0; b < a; b += 1) {
        const dx = x[a] - x[b] || 0.01, dy = y[a] - y[b] || 0.01;
        const push = (wish * wish) / (dx * dx + dy * dy);
        right[a] += dx * push; down[a] += dy * push;
        right[b] -= dx * push; down[b] -= dy * push;
      }
    }
    for (const [a, b] of near) {
      const dx = x[a] - x[b], dy = y[a] - y[b];
      const pull = Math.hypot(dx, dy) / wish;
      right[a] -= dx * pull; down[a] -= dy * pull;
      right[b] += dx * pull; down[b] += dy * pull;
    }
    for (let a = 0; a < things.length; a += 1) {
      const far = Math.hypot(right[a], down[a]) || 1;
      x[a] += (right[a] / far) * Math.min(far, reach);
      y[a] += (down[a] / far) * Math.min(far, reach);
    }
  }
  return { x, y, at };
}

/* What things are called: by the answer itself, else by the graph. */
async function names(statements, things, labelsOf) {
  const found = new Map();
  for (const { subject, predicate, object } of statements) {
    if (!isThing(object) && NAMING.test(predicate.value) && !found.has(keyOf(subject))) found.set(keyOf(subject), object.value);
  }
  const unknown = things.filter((key) => !found.has(key) && /^https?:/.test(key));
  for (const [iri, label] of Object.entries(unknown.length ? await labelsOf(unknown) : {})) found.set(iri, label);
  return found;
}

export const networkPlugin = ({ labelsOf, nameOf, pathOf }) => class {
  constructor(yasr) {
    this.yasr = yasr;
    this.label = word("Network");
    this.priority = 3;
  }
  statements() {
    const { results } = this.yasr;
    try {
      return results?.getType?.() === "ttl" ? results.getStatements() ?? [] : [];
    } catch {
      return [];
    }
  }
  canHandleResults() {
    return this.statements().length > 0;
  }
  getIcon() {
    const place = document.createElement("div");
    place.innerHTML = ICON;
    return place.firstElementChild;
  }
  async draw() {
    const statements = this.statements();
    const { things, pairs, left } = linked(statements);
    const called = await names(statements, things, labelsOf);
    const name = (key) => called.get(key) ?? (key.startsWith("_:") ? key : local(key));
    const property = (iri) => nameOf(iri) ?? local(iri);
    this.yasr.resultsEl.append(
      this.picture(statements, things, pairs, left, name, property),
      this.table(statements, name, property),
    );
    for (const figure of this.yasr.resultsEl.querySelectorAll("figure")) { pictureTools(figure); network(figure); }
  }
  picture(statements, things, pairs, left, name, property) {
    const { x, y, at } = placed(things, pairs);
    const low = Math.min(...x) - 80, high = Math.max(...x) + 180, top = Math.min(...y) - 30, bottom = Math.max(...y) + 40;
    const box = `${low.toFixed()} ${top.toFixed()} ${(high - low).toFixed()} ${(bottom - top).toFixed()}`;
    const title = fill("{} things, {} arrows", things.length, pairs.length);
    const svg = made("svg", { class: "net graph", viewBox: box, width: (high - low).toFixed(), height: (bottom - top).toFixed() }, made("title", {}, title));
    svg.append(made("defs", {}, made("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 15, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" }, made("path", { d: "M0,0 L8,4 L0,8 z" }))));
    const lines = made("g", { class: "ties" });
    const words = made("g", { class: pairs.length > NAMED ? "tie-names over" : "tie-names" });
    for (const { one, other, by } of pairs) {
      const [a, b] = [at.get(one), at.get(other)];
      const ends = { "data-a": a, "data-b": b };
      lines.append(made("line", { x1: x[a].toFixed(1), y1: y[a].toFixed(1), x2: x[b].toFixed(1), y2: y[b].toFixed(1), "marker-end": "url(#arrow)", ...ends }));
      words.append(made("text", { x: ((x[a] + x[b]) / 2).toFixed(1), y: ((y[a] + y[b]) / 2 - 3).toFixed(1), "text-anchor": "middle", ...ends }, [...by].map(property).join(", ")));
    }
    svg.append(lines, words);
    things.forEach((key, n) => {
      const text = name(key);
      const facts = statements.filter(({ subject, object }) => keyOf(subject) === key && !isThing(object)).slice(0, 6);
      const kinds = statements.filter(({ subject, predicate }) => keyOf(subject) === key && predicate.value === RDF_TYPE).map(({ object }) => property(object.value));
      const tip = [text, kinds.join(", "), ...facts.map(({ predicate, object }) => `${property(predicate.value)}: ${object.value.slice(0, 120)}`)].filter(Boolean).join("\n");
      const short = text.length > 32 ? `${text.slice(0, 31)}…` : text;
      const link = made("a", { "data-n": n, ...(/^https?:/.test(key) ? { href: pathOf(key) } : { tabindex: 0 }) }, made("title", {}, tip), made("circle", { cx: x[n].toFixed(1), cy: y[n].toFixed(1), r: 7 }), made("text", { x: (x[n] + 11).toFixed(1), y: (y[n] + 4).toFixed(1) }, short));
      svg.append(link);
    });
    const frame = element("div", { class: "frame", tabindex: "0", role: "group", "aria-label": `${title}. ${word("The table below says the same.")}` });
    frame.append(svg);
    const tools = element("p", { class: "take no-print", "data-picture-tools": "" });
    for (const [kind, words_] of [["svg", "Save as SVG"], ["png", "Save as PNG"]]) tools.append(element("button", { type: "button", "data-save": kind, "data-name": "network" }, word(words_)), " ");
    const said = [title, left ? fill("{} more things are not drawn", left) : ""].filter(Boolean).join("; ");
    return element("figure", { class: "picture", "data-picture": "network" }, frame, tools, element("figcaption", { class: "note" }, `${said}.`));
  }
  table(statements, name, property) {
    const cell = (term) => {
      if (term.termType === "Literal") return term.value;
      return /^https?:/.test(term.value) ? element("a", { href: pathOf(term.value), title: term.value }, name(keyOf(term))) : keyOf(term);
    };
    const body = element("tbody");
    for (const { subject, predicate, object } of statements.slice(0, MOST_ROWS)) {
      const row = body.insertRow();
      row.append(element("th", { scope: "row" }, cell(subject)));
      row.insertCell().append(property(predicate.value));
      row.insertCell().append(cell(object));
    }
    const head = element("tr");
    for (const text of ["Thing", "Property", "Value"]) head.append(element("th", { scope: "col" }, word(text)));
    const table = element("table", { class: "statements" }, element("caption", { class: "vh" }, word("The statements of the network")), element("thead", {}, head), body);
    const place = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": word("The statements of the network") }, table);
    if (statements.length > MOST_ROWS) place.append(element("p", { class: "note" }, fill("The first {} of {} statements; the other views have all.", MOST_ROWS, statements.length)));
    return place;
  }
  download(file) {
    const svg = this.yasr.resultsEl.querySelector("svg.net");
    return svg ? { getData: () => new XMLSerializer().serializeToString(svg), filename: `${file || "network"}.svg`, contentType: "image/svg+xml", title: word("Download result") } : undefined;
  }
};
