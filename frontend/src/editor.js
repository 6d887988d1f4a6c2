/* The query editor: Yasgui over this site's own endpoint, and nothing else.
 *
 * The page hands over, as JSON: the prefixes, the ontology's classes and properties, the query to start with.
 * Without this script the page is a plain form that posts to the same endpoint. */
import Yasgui from "@zazuko/yasgui";
import "@zazuko/yasgui/build/yasgui.min.css";
import "./editor.css";

const data = JSON.parse(document.getElementById("editor-data").textContent);
const endpoint = `${location.origin}/sparql`;
const { Yasqe } = Yasgui;

const starting = (terms) => (_yasqe, token) => {
  const typed = token?.autocompletionString ?? token?.string ?? "";
  return terms.filter((term) => term.startsWith(typed));
};
Yasqe.forkAutocompleter("class", { name: "our-classes", get: starting(data.classes ?? []) });
Yasqe.forkAutocompleter("property", { name: "our-properties", get: starting(data.properties ?? []) });
Yasqe.forkAutocompleter("prefixes", {
  name: "our-prefixes",
  persistenceId: () => null,
  get: () => Object.entries(data.prefixes ?? {}).map(([name, iri]) => `${name}: <${iri}>`).sort(),
});
Yasqe.defaults.autocompleters = ["our-prefixes", "our-classes", "our-properties", "variables"];

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

for (const tab of Object.values(yasgui._tabs)) tab.setEndpoint(endpoint);
yasgui.on("tabAdd", (_yasgui, id) => queueMicrotask(() => yasgui.getTab(id)?.setEndpoint(endpoint)));

function open(query, name, run) {
  const known = Object.values(yasgui._tabs).find((tab) => tab.getQuery().trim() === query.trim());
  const tab = known ?? yasgui.addTab(true, { ...Yasgui.Tab.getDefaults(yasgui), name });
  yasgui.selectTabId(tab.getId());
  if (!known) tab.setQuery(query);
  if (run) tab.query().catch(() => {});
}

if (data.query) open(data.query, data.name ?? "Query", true);

/* Things of this graph open here, wherever their permanent address would lead. */
place.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || !data.base || !link.href.startsWith(data.base)) return;
  event.preventDefault();
  window.open(`/describe?iri=${encodeURIComponent(link.href)}`, event.ctrlKey || event.metaKey ? "_blank" : "_self");
});

const list = document.getElementById("editor-examples");
list?.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-example]");
  const example = button && data.examples[Number(button.dataset.example)];
  if (example) open(example.query, example.name, true);
});
for (const button of list?.querySelectorAll("button[data-example]") ?? []) button.hidden = false;
place.dataset.ready = "true";
