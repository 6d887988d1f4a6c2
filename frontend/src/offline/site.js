/* A site that is a folder of files: where it begins, what it says of itself, and its graph in a worker. */
const given = document.documentElement.dataset.root;
/* The top of the folder; nothing on a server, where addresses begin with a slash. */
export const root = given === undefined ? null : new URL(given, location.href.replace(/[?#].*$/, ""));

const scripts = new Map();
/* Data are scripts, not JSON: these load from a folder that no server hands out, too. */
function script(path) {
  if (!scripts.has(path)) {
    scripts.set(path, new Promise((done, failed) => {
      const element = document.createElement("script");
      element.src = new URL(path, root);
      element.onload = done;
      element.onerror = () => failed(new Error(`${path} is not there`));
      document.head.append(element);
    }));
  }
  return scripts.get(path);
}
export const about = () => script("offline/about.js").then(() => globalThis.fundgraphSite);
export const entries = () => script("offline/search.js").then(() => globalThis.fundgraphSearch);
export const reasons = () => script("offline/why.js").then(() => globalThis.fundgraphWhy);
export const panels = async () => (await fetch(new URL("offline/panels.json", root))).json();

/* Where an IRI is shown: at its page if it has one, else described from the graph. */
export function pageOf(site, iri) {
  const at = (file, fragment) => new URL(file.split("/").map(encodeURIComponent).join("/") + (fragment ? `#${fragment}` : ""), root).href;
  if (iri.startsWith(site.base)) {
    const [local, fragment] = iri.slice(site.base.length).split("#");
    const kind = local.split("/")[0];
    if (kind === "document") return at(`documents/${decodeURIComponent(local.slice(9))}/index.html`, fragment);
    if (site.kinds.includes(kind) || local === "programme") return at(`${decodeURIComponent(local)}/index.html`, fragment);
  }
  if (iri.startsWith(site.ontology)) return at("ontology/index.html", iri.slice(site.ontology.length));
  return at("describe/index.html", new URLSearchParams({ iri }).toString());
}

/* The graph: one worker, started with the first question. A question that is given up ends the worker; the others
 * are asked again of a new one. */
class Graph {
  #worker = null;
  #waiting = new Map();
  #next = 1;

  async #start() {
    const site = await about();
    const worker = new Worker(new URL("static/offline/worker.js", root), { type: "module" });
    worker.onmessage = ({ data: { id, answer, problem } }) => {
      const asked = this.#waiting.get(id);
      if (!asked) {
        if (problem) this.#giveUp(problem);
        return;
      }
      this.#waiting.delete(id);
      if (problem) asked.failed(problem);
      else asked.done(answer);
    };
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.#giveUp({ title: "The engine stopped", status: 500, detail: event.message || "it did not start, or ran out of memory" });
    };
    worker.postMessage({ id: 0, start: { about: site, wasm: new URL("static/offline/oxigraph.wasm.gz", root).href, dump: new URL(site.dump, root).href } });
    return worker;
  }

  #giveUp(problem) {
    const failed = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#worker = null;
    for (const one of failed) one.failed(problem);
  }

  #running() {
    this.#worker ??= this.#start();
    return this.#worker;
  }

  ask(ask, signal) {
    return new Promise((done, failed) => {
      if (location.protocol === "file:") {
        failed({ title: "Queries need a web server", status: 503, detail: "browsers start no engine for pages opened as files; any server of files will do: python -m http.server" });
        return;
      }
      const id = this.#next++;
      this.#waiting.set(id, { ask, done, failed });
      signal?.addEventListener("abort", () => {
        if (this.#waiting.delete(id)) this.#stop();
        failed(new DOMException("The query was stopped", "AbortError"));
      });
      this.#running().then((worker) => this.#waiting.has(id) && worker.postMessage({ id, ask }), failed);
    });
  }

  async #stop() {
    const [ended, others] = [this.#worker, [...this.#waiting]];
    this.#worker = null; // before anything else is asked
    (await ended)?.terminate();
    if (!others.length) return;
    const fresh = await this.#running();
    for (const [id, { ask }] of others) fresh.postMessage({ id, ask });
  }
}
export const graph = new Graph();

/* Answer what is sent to an endpoint's address here, so that an editor that knows only endpoints works unchanged. */
export function answerFetches(endpoint, told = () => {}) {
  const outside = globalThis.fetch.bind(globalThis);
  globalThis.fetch = async (what, options) => {
    const request = what instanceof Request ? what : new Request(what, options);
    if (!request.url.startsWith(endpoint)) return outside(what, options);
    const given = new URLSearchParams(request.method === "POST" ? await request.text() : new URL(request.url).search);
    const ask = { query: given.get("query") ?? "", languages: (given.get("labels") ?? "").split(",").filter(Boolean), base: endpoint };
    try {
      const answer = await graph.ask(ask, request.signal);
      told(answer);
      return new Response(answer.text, {
        headers: { "Content-Type": answer.type, "Fundgraph-Release": answer.release, "Fundgraph-Completeness": answer.completeness, "Fundgraph-Elapsed-Ms": answer.elapsed.toFixed(1) },
      });
    } catch (problem) {
      if (!problem.title) throw problem;
      told(null);
      return new Response(JSON.stringify(problem), { status: problem.status ?? 500, headers: { "Content-Type": "application/problem+json" } });
    }
  };
}
