/* What a server would do for the pages: narrow lists, search, describe, and answer questions with other blanks. */
import { word } from "../words.js";
import { Wrong, bind, filled } from "./bind.js";
import { find } from "./find.js";
import { about, entries, graph, pageOf, panels, reasons, root } from "./site.js";
import { csvOf, element, linkTo, tableOf } from "./table.js";

const hash = () => new URLSearchParams(location.hash.slice(1));
const fileUrl = (file) => new URL(file.split("/").map(encodeURIComponent).join("/"), root).href;
const say = (place, ...what) => place.replaceChildren(...what);
const trouble = (problem) => element("p", { class: "empty wrong", role: "alert" }, problem.title ? [word(problem.title), word(problem.detail ?? "")].filter(Boolean).join(": ") : String(problem.message ?? problem));

/* Lists: the facets stand in the page, each value with the rows that have it. */
const facets = document.getElementById("facets");
if (facets) {
  const members = JSON.parse(facets.textContent);
  const form = document.querySelector("form.filters");
  const rows = [...document.querySelectorAll("main tbody tr")];
  const status = element("p", { class: "note", role: "status" });
  form.after(status);
  const chosen = () => Object.fromEntries([...hash()].filter(([name, value]) => value && (name in members || name === "q")));
  const show = () => {
    const now = chosen();
    const sets = Object.entries(now).filter(([name]) => name !== "q").map(([name, value]) => new Set(members[name][value] ?? []));
    const words = (now.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    rows.forEach((row, at) => {
      const fits = sets.every((set) => set.has(Number(row.dataset.row ?? at))) && words.every((one) => row.textContent.toLowerCase().includes(one));
      row.hidden = !fits;
      left += fits;
    });
    status.textContent = Object.keys(now).length ? word("{} of {} rows fit").replace("{}", left).replace("{}", rows.length) : "";
    for (const field of form.elements) if (field.name && field.type !== "hidden") field.value = now[field.name] ?? "";
    for (const chip of document.querySelectorAll(".facets .chips a[href*='#']")) {
      const [[name, value]] = new URLSearchParams(chip.hash.slice(1));
      chip.toggleAttribute("aria-current", now[name] === value);
      if (now[name] === value) chip.setAttribute("aria-current", "true");
    }
  };
  rows.forEach((row, at) => { row.dataset.row = at; });
  const choose = (change) => {
    const next = Object.entries({ ...chosen(), ...change }).filter(([, value]) => value);
    location.hash = new URLSearchParams(next).toString();
    show();
  };
  for (const chip of document.querySelectorAll(".facets .chips a[href*='#']")) {
    chip.addEventListener("click", (event) => {
      event.preventDefault();
      const [[name, value]] = new URLSearchParams(chip.hash.slice(1));
      choose({ [name]: chosen()[name] === value ? "" : value });
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    choose(Object.fromEntries(new FormData(form)));
  });
  addEventListener("hashchange", show);
  show();
}

/* Search */
const results = document.getElementById("found");
if (results) {
  const given = new URLSearchParams(location.search);
  for (const [name, value] of hash()) given.set(name, value);
  const sought = given.get("q")?.trim() ?? "";
  for (const box of document.querySelectorAll("input[name='q']")) box.value = sought;
  if (sought) {
    say(results, element("p", { class: "note" }, word("Searching…")));
    Promise.all([about(), entries()]).then(([site, rows]) => {
      const kind = given.get("kind") ?? "";
      const found = find(rows, sought, kind);
      const kinds = Map.groupBy ? Map.groupBy(find(rows, sought), (one) => one.kind) : new Map();
      const chips = [...kinds].map(([name, ones]) => element("li", {}, element("a", { href: `?${new URLSearchParams({ q: sought, kind: name })}`, ...(name === kind ? { "aria-current": "true" } : {}) }, `${word(name)} ${ones.length}`)));
      const items = found.slice(0, 200).map((one) => element("li", {}, element("a", { href: fileUrl(one.file) }, one.label), " ", element("span", { class: "sub" }, word(one.kind)), ...(one.near ? [element("br"), element("span", { class: "sub" }, one.near)] : [])));
      say(
        results,
        element("h2", {}, word("{} found").replace("{}", found.length)),
        ...(chips.length > 1 ? [element("ul", { class: "chips filters" }, ...chips)] : []),
        found.length ? element("ol", { class: "list found" }, ...items) : element("p", { class: "empty" }, word("Nothing here is called so. Fewer letters find more; capitals and accents do not count.")),
        ...(site.texts ? [] : [element("p", { class: "note" }, word("Names and titles were searched, the texts are too many for this."))]),
      );
    }).catch((problem) => say(results, trouble(problem)));
  }
}

/* Boxes that suggest things of one kind while one types */
for (const box of document.querySelectorAll("input[data-suggest]")) {
  const list = element("datalist", { id: `${box.name}-suggested` });
  box.after(list);
  box.setAttribute("list", list.id);
  box.addEventListener("input", async () => {
    const words = box.value.trim();
    if (words.length < 2) return;
    const found = find(await entries(), words, box.dataset.suggest).slice(0, 20);
    if (box.value.trim() !== words) return;
    list.replaceChildren(...found.map(({ iri, label }) => element("option", { value: decodeURIComponent(iri.split("/").pop()), label })));
  });
}

/* A thing that has no page of its own, from the graph */
const described = document.getElementById("described");
if (described) {
  const show = async () => {
    const iri = hash().get("iri");
    if (!iri) return;
    const site = await about();
    const page = pageOf(site, iri);
    if (!new URL(page).pathname.endsWith("/describe/index.html")) {
      location.replace(page);
      return;
    }
    document.querySelector("h1").textContent = iri;
    say(described, element("p", { class: "note", role: "status" }, word("Loading the graph…")));
    const queries = await panels();
    const asked = (name) => graph.ask({ query: queries[name].replace(/VALUES\s+\?thing\s*\{[^{}]*\}/, () => `VALUES ?thing { <${iri}> }`), languages: [site.language, "en"] });
    const [out, into] = (await Promise.all([asked("describe_out"), asked("describe_in")])).map(({ text }) => JSON.parse(text));
    const part = (title, data, key, wanted) => element(
      "section", { class: "panel" }, element("header", {}, element("h2", {}, word(title))),
      data.results.bindings.length
        ? element("div", { class: "scroll" }, element("table", {}, element("tbody", {}, ...data.results.bindings.map((row) => element("tr", {}, ...wanted.map((name) => {
          const term = row[name];
          const label = name === key ? row.label?.value : undefined;
          return element("td", {}, !term ? "" : term.type === "uri" ? linkTo(site, term.value, label || data.meta.labels?.[term.value]) : term.value);
        }))))))
        : element("p", { class: "empty" }, word("Nothing.")),
    );
    if (!out.results.bindings.length && !into.results.bindings.length) say(described, element("p", { class: "empty wrong" }, word("The graph says nothing about it.")));
    else say(described, part("What is said of it", out, "object", ["predicate", "object", "graph"]), part("What points to it", into, "subject", ["subject", "predicate", "graph"]));
  };
  const start = () => show().catch((problem) => say(described, trouble(problem)));
  addEventListener("hashchange", start);
  document.querySelector("form.filters")?.addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = new URLSearchParams(new FormData(event.target)).toString();
  });
  start();
}

/* Why a statement is there: its proof, put together from the steps that all proofs share */
const why = document.getElementById("why");
if (why) {
  const woven = (text, ...parts) => word(text).split("{}").flatMap((piece, at) => (at ? [parts[at - 1], piece] : [piece]));
  const show = async () => {
    const id = hash().get("s");
    if (!id) return;
    const [site, { terms, rules, sources, steps }] = await Promise.all([about(), reasons()]);
    if (!steps[id]) {
      say(why, element("p", { class: "empty wrong" }, word("There is no such explanation here.")));
      return;
    }
    const named = ([label, iri]) => (iri ? linkTo(site, iri.startsWith("~") ? site.base + iri.slice(1) : iri, label) : label);
    const source = ([name, line, quote]) => {
      if (quote === undefined) return woven("said by {}", /^https?:/.test(name) ? element("a", { href: name, rel: "external" }, name) : name);
      const link = element("a", { href: `${pageOf(site, site.base + name)}${line ? `#L${line}` : ""}` }, woven("{}", name.split("/").pop()).join(""));
      return [...woven("read at {}, line {}", link, line), `: “${quote}”`];
    };
    const node = (step, above) => {
      const [s, p, o, rule, premises, said, listed] = steps[step];
      const words = element("p", {}, named(terms[s]), " ", named(terms[p]), " ", named(terms[o]));
      if (rule === -2) return [words, element("p", { class: "empty wrong" }, word("This statement is not in the graph, and does not follow from it."))];
      if (rule === -1) {
        const told = said.length ? said.flatMap((one, at) => [...(at ? ["; "] : []), ...source(sources[one])]) : [word("stated in the ontology, the topics or the programme's description")];
        return [words, element("p", { class: "note" }, ...told)];
      }
      const [name, says] = rules[rule];
      const items = premises.filter((one) => !above.includes(one)).map((one) => element("li", {}, ...node(one, [...above, step])));
      if (listed) items.unshift(element("li", {}, word("the list ({})").replace("{}", listed.join(", "))));
      return [words, element("p", { class: "note" }, ...woven("inferred by the rule {}", element("code", {}, name)), `: ${says}; ${word("from")}`), element("ul", {}, ...items)];
    };
    document.getElementById("why-title").textContent = steps[id].slice(0, 3).map((at) => terms[at][0]).join(" ");
    say(why, ...node(id, []));
  };
  const start = () => show().catch((problem) => say(why, trouble(problem)));
  addEventListener("hashchange", start);
  start();
}

/* A question with other blanks: answered by the engine in this browser, in place of the answer that came with the page */
const question = document.getElementById("question");
if (question) {
  const form = document.querySelector("form[data-question]");
  const spec = JSON.parse(question.textContent);
  const answer = document.querySelector("section[aria-labelledby='answer']");
  const ask = async (given) => {
    const place = element("div", {});
    const title = element("h2", { id: "answer" }, word("Asking…"));
    const stop = element("button", { type: "button" }, word("Stop"));
    const control = new AbortController();
    stop.addEventListener("click", () => control.abort());
    answer.replaceChildren(element("header", {}, title, stop), place);
    document.querySelector("section[aria-labelledby='picture']")?.remove();
    document.querySelector("section[aria-labelledby='cite']")?.remove();
    try {
      const site = await about();
      const text = bind(spec, given);
      document.querySelector("#sparql code").textContent = text;
      const link = document.querySelector("section[aria-labelledby='query'] a.ask");
      if (link) link.href = new URL(`sparql/index.html#query=${encodeURIComponent(text)}`, root).href;
      const found = await graph.ask({ query: text, languages: [site.language, "en"] }, control.signal);
      const data = JSON.parse(found.text);
      const rows = data.results.bindings;
      title.textContent = `${rows.length} ${word(rows.length === 1 ? "row" : "rows")}`;
      stop.replaceWith(element("p", {}, `${word(found.completeness === "complete" ? "complete" : "not whole")}${found.completeness === "complete" ? "" : ` (${found.completeness})`}, ${word("in this browser")}, ${Math.round(found.elapsed)} ms`));
      const csv = element("a", { href: URL.createObjectURL(new Blob([csvOf(data)], { type: "text/csv" })), download: `${spec.id}.csv` }, "CSV");
      place.replaceChildren(
        ...(rows.length ? [element("p", { class: "take" }, csv), element("div", { class: "scroll" }, tableOf(site, data, spec.labels, data.meta.labels, spec.headings))] : [element("p", { class: "empty" }, word("No rows: the graph has nothing that fits. Another choice above may have."))]),
      );
    } catch (problem) {
      stop.remove();
      title.textContent = word("Not answered");
      say(place, trouble(problem instanceof Wrong ? { title: filled(word(problem.text), problem.parts) } : problem));
    }
    answer.dataset.asked = "true";
  };
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
    history.replaceState(null, "", `#${new URLSearchParams(given)}`);
    ask(given);
  });
  const given = Object.fromEntries([...hash()].filter(([name]) => spec.params.some((one) => one.name === name)));
  if (form && Object.keys(given).length) {
    for (const [name, value] of Object.entries(given)) if (form.elements[name]) form.elements[name].value = value;
    ask(given);
  }
}
