/* The query editor: Yasgui over this site's own endpoint, and nothing else.
 *
 * The page hands over, as JSON: the prefixes, the ontology's classes and properties, the query to start with.
 * Without this script the page is a plain form that posts to the same endpoint. */
import Yasgui from "@zazuko/yasgui";
import "@zazuko/yasgui/build/yasgui.min.css";
import "./editor.css";
import { networkPlugin } from "./graph.js";
import { find } from "./offline/find.js";
import { about, answerFetches, entries, panels, root } from "./offline/site.js";
import { keepTranslated, word } from "./words.js";

const data = JSON.parse(document.getElementById("editor-data").textContent);
/* Read before Yasgui does, which takes the fragment out of the address. */
const behind = new URLSearchParams(location.hash.slice(1));
/* In a folder of files there is no endpoint: its address stands for the engine of this browser. */
const endpoint = root ? new URL("sparql/endpoint", root).href : `${location.origin}/sparql`;
const described = (iri) => (root ? new URL(`describe/index.html#${new URLSearchParams({ iri })}`, root).href : `/describe?iri=${encodeURIComponent(iri)}`);
if (root) {
  const state = document.getElementById("editor-state");
  answerFetches(endpoint, (answer) => {
    state.textContent = answer ? `${word(answer.completeness === "complete" ? "complete" : "not whole")}${answer.completeness === "complete" ? "" : ` (${answer.completeness})`}, ${word("in this browser")}, ${Math.round(answer.elapsed)} ms` : "";
  });
}
const { Yasqe } = Yasgui;

/* Terms of the ontology by the start of their address, or by words of their names; each with its label. */
const named = new Map([...(data.classes ?? []), ...(data.properties ?? [])]);
const local = (iri) => iri.slice(Math.max(iri.lastIndexOf("#"), iri.lastIndexOf("/")) + 1);
const starting = (terms) => (_yasqe, token) => {
  const typed = (token?.autocompletionString ?? token?.string ?? "").replace(/^</, "");
  const words = typed.toLowerCase();
  const found = terms.filter(([iri]) => iri.startsWith(typed));
  if (found.length || !words) return found.map(([iri]) => iri);
  return terms.filter(([iri, label]) => `${local(iri)} ${label}`.toLowerCase().includes(words)).map(([iri]) => iri);
};
const labelled = (_yasqe, hints) => hints.map((hint) => {
  const iri = hint.text.startsWith("<") ? hint.text.slice(1, -1) : expand(_yasqe, hint.text);
  const label = named.get(iri);
  return label ? { ...hint, displayText: `${label}  ${hint.text}` } : hint;
});
const expand = (yasqe, name) => {
  const [prefix, ...rest] = name.split(":");
  return (yasqe.getPrefixesFromQuery()[prefix] ?? `${prefix}:`) + rest.join(":");
};
const shorten = (yasqe, _token, iri) => {
  const known = Object.entries(yasqe.getPrefixesFromQuery())
    .filter(([, start]) => start && iri.startsWith(start) && /^[\w-]*$/.test(iri.slice(start.length)))
    .sort((one, other) => other[1].length - one[1].length)[0];
  return known ? `${known[0]}:${iri.slice(known[1].length)}` : `<${iri}>`;
};
Yasqe.forkAutocompleter("class", { name: "our-classes", get: starting(data.classes ?? []), postProcessSuggestion: shorten, postprocessHints: labelled });
Yasqe.forkAutocompleter("property", { name: "our-properties", get: starting(data.properties ?? []), postProcessSuggestion: shorten, postprocessHints: labelled });

/* People, projects, topics: by the words of their names, where a thing may stand and no class or property. */
const inWord = (yasqe) => {
  const token = yasqe.getCompleteToken();
  return /^[\p{L}\p{N}]/u.test(token.string) && !token.string.includes(":") ? token : null;
};
const searched = async (words) => {
  const answer = await fetch(`/search?format=json&limit=30&q=${encodeURIComponent(words)}`);
  return answer.ok ? (await answer.json()).results : [];
};
Yasqe.registerAutocompleter({
  name: "our-things",
  bulk: false,
  isValidCompletionPosition: (yasqe) => {
    const token = inWord(yasqe);
    if (!token || ["keyword", "string", "comment"].includes(token.type)) return false;
    const before = yasqe.getPreviousNonWsToken(yasqe.getDoc().getCursor().line, token);
    const { lastProperty } = before.state;
    if (token.state.possibleCurrent?.includes("a") || ["a", "rdf:type"].includes(lastProperty)) return false;
    return yasqe.getDoc().getValue().slice(0, yasqe.getDoc().indexFromPos(yasqe.getDoc().getCursor())).includes("{");
  },
  get: async (_yasqe, token) => {
    const results = root ? find(await entries(), token.string).slice(0, 30) : await searched(token.string);
    for (const { iri, label, kind } of results) named.set(iri, `${label} (${kind})`);
    return results.map(({ iri }) => iri);
  },
  postProcessSuggestion: shorten,
  postprocessHints: labelled,
});
Yasqe.forkAutocompleter("prefixes", {
  name: "our-prefixes",
  persistenceId: () => null,
  get: () => Object.entries(data.prefixes ?? {}).map(([name, iri]) => `${name}: <${iri}>`).sort(),
});
Yasqe.defaults.autocompleters = ["our-prefixes", "our-classes", "our-properties", "our-things", "variables"];

/* Results name things by their labels; the address stands in the tip and in what is downloaded. */
let labels = {};
const Table = Yasgui.Yasr.plugins.table;
Yasgui.Yasr.registerPlugin("table", class extends Table {
  async draw(...given) {
    const { results } = this.yasr;
    const statements = results?.getType?.() === "ttl" ? results.getStatements() ?? [] : [];
    if (statements.length && !Object.keys(labels).length) {
      const iris = statements.flatMap(({ subject, predicate, object }) => [subject, predicate, object]).filter(({ termType }) => termType === "NamedNode");
      labels = await labelsOf([...new Set(iris.map(({ value }) => value))].slice(0, 500));
    }
    await super.draw(...given);
    for (const size of document.querySelectorAll("#editor .tableSizer")) size.setAttribute("aria-label", word("Page size"));
  }
  getUriLinkFromBinding(binding, prefixes) {
    const link = super.getUriLinkFromBinding(binding, prefixes);
    const label = labels[binding.value];
    if (!label) return link;
    const place = document.createElement("span");
    place.innerHTML = link;
    const anchor = place.querySelector("a");
    anchor.textContent = label;
    anchor.title = binding.value;
    return anchor.outerHTML;
  }
});

/* The answer of a CONSTRUCT as a network, things called as the graph calls them. */
const labelsOf = async (iris) => {
  const query = `SELECT ?thing { VALUES ?thing { ${iris.map((iri) => `<${iri}>`).join(" ")} } }`;
  const body = new URLSearchParams({ query, labels: data.languages ?? "en" });
  const answer = await fetch(endpoint, { method: "POST", body, headers: { Accept: "application/sparql-results+json" } }).catch(() => null);
  return answer?.ok ? (await answer.json()).meta?.labels ?? {} : {};
};
const pathOf = (iri) => (data.base && iri.startsWith(data.base) ? described(iri) : iri);
Yasgui.Yasr.registerPlugin("network", networkPlugin({ labelsOf, nameOf: (iri) => named.get(iri), pathOf }));

/* A stored or shared tab may name another endpoint: every tab asks this one, whatever it says. */
const ours = (tab) => {
  tab.requestConfig = { ...tab.requestConfig, endpoint };
  return tab;
};

const place = document.getElementById("editor");
const form = document.getElementById("editor-form");
const asked = form.querySelector("textarea").value;
place.hidden = false;
const yasgui = new Yasgui(place, {
  requestConfig: { endpoint, method: "POST", acceptHeaderGraph: "text/turtle,application/n-triples;q=0.9,*/*;q=0.5" },
  copyEndpointOnNewTab: false,
  corsProxy: undefined,
  persistenceId: "fundgraph",
  populateFromUrl: ours,
  autofocus: false,
  endpointCatalogueOptions: { getData: () => [], keys: [] },
  yasqe: { value: data.query ?? asked, createShortLink: undefined, prefixCcApi: null, resizeable: true },
  yasr: { prefixes: data.prefixes ?? {} },
});
form.hidden = true;

/* Each query runs under a name of its own, so that to cancel it stops the server's work too, through any proxy. */
const said = document.getElementById("editor-said");
function attend(tab) {
  const yasqe = tab?.getYasqe();
  if (!yasqe || yasqe.attended) return;
  yasqe.attended = true;
  tab.setEndpoint(endpoint);
  yasqe.getInputField().setAttribute("aria-label", form.querySelector("label").textContent);
  for (const button of place.querySelectorAll(".tabsList > button, .tabsList > * > button.addTab")) button.setAttribute("role", "tab");
  let job = "";
  let marks = [];
  const config = yasqe.config.requestConfig;
  yasqe.config.requestConfig = (asking) => {
    const given = typeof config === "function" ? config(asking) : config;
    const table = asking.getQueryType() === "SELECT";
    const args = (typeof given.args === "function" ? given.args(asking) : given.args) ?? [];
    const headers = (typeof given.headers === "function" ? given.headers(asking) : given.headers) ?? {};
    job = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    return {
      ...given,
      args: table ? [...args.filter(({ name }) => name !== "labels"), { name: "labels", value: data.languages ?? "en" }] : args,
      headers: { ...headers, "Fundgraph-Job": job },
      ...(table ? { acceptHeaderSelect: "application/sparql-results+json" } : {}),
    };
  };
  const clear = () => {
    for (const mark of marks) mark.clear();
    marks = [];
    said.hidden = true;
  };
  yasqe.on("query", clear);
  yasqe.on("change", () => marks.length && clear());
  yasqe.on("queryAbort", () => {
    if (!root) fetch(`/jobs/${job}`, { method: "DELETE" }).catch(() => {});
  });
  yasqe.on("queryResponse", (_yasqe, answer) => {
    labels = {};
    try {
      labels = JSON.parse(answer.content).meta?.labels ?? {};
    } catch {
      /* Not JSON: no labels. */
    }
  });
  yasqe.on("error", (_yasqe, error) => {
    let problem;
    try {
      problem = JSON.parse(error.message);
    } catch {
      return;
    }
    said.textContent = [problem.line && `${problem.line}:${problem.column ?? 1}`, problem.title, problem.detail, problem.hint].filter(Boolean).join(" · ");
    said.hidden = false;
    if (!problem.line) return;
    const doc = yasqe.getDoc();
    const line = Math.min(problem.line - 1, doc.lastLine());
    const text = doc.getLine(line);
    const start = Math.max(0, Math.min((problem.column ?? 1) - 1, text.length - 1));
    const end = start + Math.max(1, /^[\w:]+|^<[^>]*>?/.exec(text.slice(start))?.[0].length ?? 1);
    marks = [doc.markText({ line, ch: start }, { line, ch: end }, { className: "at-fault", title: problem.detail })];
    yasqe.scrollIntoView({ line, ch: start });
  });
}
for (const tab of Object.values(yasgui._tabs)) attend(tab);
yasgui.on("tabAdd", (_yasgui, id) => queueMicrotask(() => attend(yasgui.getTab(id))));
yasgui.on("tabSelect", (_yasgui, id) => queueMicrotask(() => attend(yasgui.getTab(id))));

function open(query, name, run) {
  const known = Object.values(yasgui._tabs).find((tab) => tab.getQuery().trim() === query.trim());
  const tab = known ?? yasgui.addTab(true, { ...Yasgui.Tab.getDefaults(yasgui), name });
  yasgui.selectTabId(tab.getId());
  attend(tab);
  if (!known) tab.setQuery(query);
  if (run) tab.query().catch(() => {});
}

if (data.query) open(data.query, data.name ?? "Query", true);

/* The query behind a part of a page, in a folder of files: by its name, bound to the thing of the page. */
if (root && behind.get("panel")) {
  const [texts, site] = await Promise.all([panels(), about()]);
  const thing = behind.get("thing");
  const iri = thing?.includes(":") ? thing : `${site.base}${thing}`;
  const text = texts[behind.get("panel")];
  if (text) open(thing ? text.replace(/VALUES\s+\?thing\s*\{[^{}]*\}/, () => `VALUES ?thing { <${iri}> }`) : text, behind.get("panel"), true);
}

/* Things of this graph open here, wherever their permanent address would lead. */
place.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const href = link?.getAttribute("href");
  if (!href || !data.base || !href.startsWith(data.base)) return;
  event.preventDefault();
  window.open(described(href), event.ctrlKey || event.metaKey ? "_blank" : "_self");
});

const list = document.getElementById("editor-examples");
list?.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-example]");
  if (!button) return;
  const answer = await fetch(root ? new URL(`queries/${button.dataset.example}.rq`, root) : `/queries/${button.dataset.example}.rq`).catch(() => null);
  if (answer?.ok) open((await answer.text()).replace(/^#\+.*\n/gm, "").trim(), button.textContent, true);
});
for (const button of list?.querySelectorAll("button[data-example]") ?? []) button.hidden = false;

/* Examples are found by words of their names. */
const sought = document.getElementById("editor-sought");
if (sought) {
  sought.parentElement.hidden = false;
  sought.addEventListener("input", () => {
    const words = sought.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of list.children) item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word));
  });
}

/* The link to this query: in the address at once, and on the clipboard where that is allowed. */
const share = document.getElementById("editor-share");
share.parentElement.hidden = false;
share.addEventListener("click", async () => {
  const link = `${location.origin}${root ? location.pathname : "/sparql"}#query=${encodeURIComponent(yasgui.getTab().getQuery())}`;
  history.replaceState(null, "", link);
  await navigator.clipboard?.writeText(link).catch(() => {});
  share.nextElementSibling.hidden = false;
});
/* Columns are called as the query calls them. */
keepTranslated(place, ".CodeMirror, table.dataTable thead, table.dataTable tbody, figure, table.statements");
place.dataset.ready = "true";
