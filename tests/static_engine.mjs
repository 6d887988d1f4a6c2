/* The engine of a static site in node: the same script, the same WebAssembly, the same dump as in a browser.
 *
 * node static_engine.mjs SITE ORDERS BIND: ORDERS is a file with a list of {query, rows?} or {form, given}; prints a
 * list of {query, answer} or {problem}, and what loading took. BIND is the source of the binding. */
import { copyFileSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [site, orders, source] = process.argv.slice(2);
const script = join(mkdtempSync(join(tmpdir(), "engine-")), "worker.mjs");
copyFileSync(join(site, "static/offline/worker.js"), script);
const { Engine, chunksOf, unpacked } = await import(pathToFileURL(script).href);
const { bind } = source ? await import(pathToFileURL(source).href) : {};
const read = async (name) => unpacked(new Response(readFileSync(join(site, name))));

new Function(readFileSync(join(site, "offline/about.js"), "utf8"))();
const about = globalThis.fundgraphSite;
const started = performance.now();
const wasm = await new Response(await read("static/offline/oxigraph.wasm.gz")).arrayBuffer();
const engine = await Engine.open(about, wasm, await chunksOf(await read(about.dump)));
const loading = performance.now() - started;
const done = [];
for (const order of JSON.parse(readFileSync(orders, "utf8"))) {
  const one = {};
  try {
    one.query = order.form ? bind(order.form, order.given ?? {}) : order.query;
    if (!order.form || order.run) {
      const { data, ...answer } = engine.answer({ ...order, query: one.query });
      one.answer = answer;
    }
  } catch (problem) {
    one.problem = problem.title ? problem : String(problem);
  }
  done.push(one);
}
process.stdout.write(JSON.stringify({ loading, memory: process.memoryUsage().rss, done }));
