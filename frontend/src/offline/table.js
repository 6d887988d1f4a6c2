/* Results as a table of the page: a column of things and that of their names become one column of links. */
import { word } from "../words.js";
import { pageOf } from "./site.js";

const WORDS = { true: "yes", false: "no" };
const heading = (name, headings) => headings[name] ?? word(name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, " ").toLowerCase());
const NUMBER = /#(integer|decimal|double|float)$/;

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function shorten(site, iri) {
  const best = Object.entries(site.prefixes).filter(([, start]) => iri.startsWith(start)).sort((one, other) => other[1].length - one[1].length)[0];
  return best ? `${best[0]}:${iri.slice(best[1].length)}` : iri;
}

export function linkTo(site, iri, text) {
  const ours = iri.startsWith(site.base) || iri.startsWith(site.ontology);
  if (!ours && !/^https?:/.test(iri)) return text ?? iri;
  return element("a", { href: ours ? pageOf(site, iri) : iri, ...(ours ? {} : { rel: "external" }) }, text ?? shorten(site, iri));
}

/* labels: column of things by that of their names; names: labels of IRIs that have no such column; headings: what columns
 * are called in the reader's language, where that is not their name. */
export function tableOf(site, data, labels = {}, names = {}, headings = {}) {
  const columns = data.head.vars;
  const rows = data.results.bindings;
  const named = new Set(Object.values(labels));
  const shown = columns.filter((name) => !named.has(name) && !(name === "document" && !labels[name] && columns.includes("line")));
  const numeric = new Set(shown.filter((name) => rows.some((row) => row[name]) && rows.every((row) => !row[name] || NUMBER.test(row[name].datatype ?? ""))));
  const cell = (row, name) => {
    const term = row[name];
    const label = row[labels[name]]?.value;
    if (!term) return label ?? "";
    if (name === "line" && row.document) return element("a", { class: "mark read", href: `${pageOf(site, row.document.value)}#L${term.value}` }, term.value);
    if (term.type === "uri") return linkTo(site, term.value, label ?? names[term.value]);
    return term.datatype?.endsWith("#boolean") ? word(WORDS[term.value] ?? term.value) : term.value ?? JSON.stringify(term);
  };
  const head = element("tr", {}, ...shown.map((name) => element("th", { scope: "col", ...(numeric.has(name) ? { class: "n" } : {}) }, heading(name, headings))));
  const body = rows.map((row) => element("tr", {}, ...shown.map((name) => element("td", numeric.has(name) ? { class: "n" } : {}, cell(row, name)))));
  return element("table", { id: "result" }, element("thead", {}, head), element("tbody", {}, ...body));
}

/* The same as CSV, as the standard for results has it. */
export function csvOf(data) {
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [data.head.vars, ...data.results.bindings.map((row) => data.head.vars.map((name) => row[name]?.value ?? ""))];
  return lines.map((line) => `${line.map(quoted).join(",")}\r\n`).join("");
}
