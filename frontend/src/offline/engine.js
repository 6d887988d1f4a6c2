/* The graph in a browser: Oxigraph's WebAssembly build over the shipped dump, under the contract of the server.
 *
 * The default graph is the union of all graphs but the hidden ones, as on the server: each visible graph is added to
 * it once, after loading. An answer has no more rows than allowed, and says whether it is whole. */
import init, { Store, defaultGraph, namedNode } from "oxigraph/web.js";

const OPAQUE = /"""(?:[^"\\]|\\.|"(?!""))*"""|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>"{}|^`\\\x00-\x20]*>|#[^\n]*/gs;
const blank = (text) => text.replace(OPAQUE, (found) => found.replace(/[^\n]/g, " "));
const MOST_LABELS = 5000;
const RESULTS = "application/sparql-results+json";

export const formOf = (query) => /(?<![\w?$:-])(SELECT|ASK|CONSTRUCT|DESCRIBE)\b(?!:)/i.exec(blank(query))?.[1].toUpperCase() ?? "";

/* What was packed with gzip, unpacked; hosts may have unpacked it on the way already. */
export async function unpacked(response) {
  const reader = response.body.getReader();
  const first = await reader.read();
  const whole = new ReadableStream({
    start(control) {
      if (first.value) control.enqueue(first.value);
      if (first.done) control.close();
    },
    async pull(control) {
      const { done, value } = await reader.read();
      if (done) control.close();
      else control.enqueue(value);
    },
  });
  return first.value?.[0] === 0x1f && first.value[1] === 0x8b ? whole.pipeThrough(new DecompressionStream("gzip")) : whole;
}

export async function chunksOf(stream) {
  const chunks = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    chunks.push(value);
  }
}

export class Engine {
  /* about: what the folder says of itself; wasm: the engine's bytes; chunks: the dump in N-Quads. */
  static async open(about, wasm, chunks) {
    await init({ module_or_path: wasm });
    const engine = new Engine();
    engine.about = about;
    engine.store = new Store();
    engine.store.load(chunks, { format: "application/n-quads", no_transaction: true, lenient: true });
    for (const graph of about.visible) engine.store.update(`ADD SILENT <${graph}> TO DEFAULT`);
    return engine;
  }

  /* Answer a query: form, media type, text, and what the server says in its headers. Throws a problem. */
  answer({ query, rows, languages = [], base }) {
    const started = performance.now();
    const form = formOf(query);
    const most = Math.min(rows || Infinity, this.about.rows);
    const found = form === "CONSTRUCT" || form === "DESCRIBE" ? this.#graph(query, most, base) : this.#table(query, form, most, languages, base);
    return { ...found, form, release: this.about.release, elapsed: performance.now() - started };
  }

  #run(query, format, base) {
    return this.store.query(query, { results_format: format, ...(base ? { base_iri: base } : {}) });
  }

  /* With our limit where the query takes one; a query that has its own, or ends in VALUES, is cut afterwards. */
  #limited(query, most, base) {
    try {
      return this.#run(`${query}\nLIMIT ${most + 1}`, RESULTS, base);
    } catch {
      return this.#run(query, RESULTS, base);
    }
  }

  #table(query, form, most, languages, base) {
    let text;
    try {
      text = form === "SELECT" ? this.#limited(query, most, base) : this.#run(query, RESULTS, base);
    } catch (error) {
      throw problem(error, query);
    }
    const data = JSON.parse(text);
    const bindings = data.results?.bindings;
    const cut = bindings && bindings.length > most;
    if (cut) bindings.length = most;
    const completeness = cut ? `truncated; rows=${most}` : "complete";
    data.meta = { release: this.about.release, completeness };
    if (bindings && languages.length) data.meta.labels = this.labels(bindings, languages);
    return { type: RESULTS, text: JSON.stringify(data), completeness, data };
  }

  #graph(query, most, base) {
    let text;
    try {
      text = this.#run(query, "text/turtle", base);
      const lines = this.#count(query, most, base);
      if (lines) return { type: "text/turtle", text: `${lines.join("\n")}\n`, completeness: `truncated; rows=${most}` };
    } catch (error) {
      throw problem(error, query);
    }
    return { type: "text/turtle", text, completeness: "complete" };
  }

  /* The first triples, a line each, if there are too many. */
  #count(query, most, base) {
    if (most === Infinity) return null;
    const lines = this.#run(query, "application/n-triples", base).split("\n").filter(Boolean);
    return lines.length > most ? lines.slice(0, most) : null;
  }

  labels(bindings, languages) {
    const iris = new Set();
    for (const row of bindings) for (const term of Object.values(row)) if (term.type === "uri") iris.add(term.value);
    const found = {};
    let number = 0;
    for (const iri of iris) {
      if (number >= MOST_LABELS) break;
      const label = this.label(iri, languages);
      if (label !== null) {
        found[iri] = label;
        number += 1;
      }
    }
    return found;
  }

  label(iri, languages) {
    let best = null;
    this.about.labels.forEach((property, rank) => {
      for (const { object } of this.store.match(namedNode(iri), namedNode(property), null, defaultGraph())) {
        if (object.termType !== "Literal") continue;
        const place = [preference(object.language, languages), rank, object.value];
        if (!best || before(place, best)) best = place;
      }
    });
    return best?.[2] ?? null;
  }
}

const preference = (tag, languages) => {
  if (!tag) return languages.length;
  const place = languages.findIndex((wanted) => tag.toLowerCase() === wanted.toLowerCase() || tag.toLowerCase().startsWith(`${wanted.toLowerCase()}-`));
  return place < 0 ? languages.length + 1 : place;
};
const before = (one, other) => {
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return one[at] < other[at];
  return false;
};

/* What went wrong, as the server would say it: a problem with title, detail, line and column. */
function problem(error, query) {
  const said = String(error?.message ?? error);
  const place = /^error at (\d+):(\d+): /.exec(said);
  const text = place ? said.slice(place[0].length) : said;
  if (place) return { title: "The query is malformed", status: 400, detail: text, line: Number(place[1]), column: Number(place[2]) };
  if (/\bSERVICE\b/i.test(blank(query))) return { title: "No other servers", status: 403, detail: "SERVICE asks another server, and there is none behind this page", hint: text };
  return { title: "The query failed", status: 500, detail: text };
}
