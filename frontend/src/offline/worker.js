/* The graph in a worker: loads it once, then answers one query after the other. To stop a query, end the worker. */
import { Engine, chunksOf, formOf, unpacked } from "./engine.js";

export { Engine, chunksOf, formOf, unpacked };

async function open({ about, wasm, dump }) {
  const [engine, data] = await Promise.all([fetch(wasm), fetch(dump)]);
  for (const response of [engine, data]) if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  const [bytes, chunks] = await Promise.all([unpacked(engine).then((stream) => new Response(stream).arrayBuffer()), unpacked(data).then(chunksOf)]);
  return Engine.open(about, bytes, chunks);
}

if (typeof WorkerGlobalScope !== "undefined" && globalThis instanceof WorkerGlobalScope) {
  let engine;
  globalThis.onmessage = async ({ data: { id, start, ask } }) => {
    try {
      if (start) {
        engine = open(start);
        await engine;
        globalThis.postMessage({ id, ready: true });
        return;
      }
      const { data, ...answer } = (await engine).answer(ask);
      globalThis.postMessage({ id, answer });
    } catch (error) {
      globalThis.postMessage({ id, problem: error?.title ? error : { title: "The graph could not be loaded", status: 500, detail: String(error?.message ?? error) } });
    }
  };
}
