/* Build the scripts and styles of the pages into the Python package.
 *
 *   theme.js, site.{js,css}  on every page
 *   editor/editor.{js,css} on the query editor's page only: Yasgui, with every outside call taken out
 *   editor/LICENSES.txt    what is bundled there, under which licence
 *   offline/offline.js     what a server does for the pages, for a site that is a folder of files
 *   offline/worker.js, oxigraph.wasm   Oxigraph in a worker, for queries with no server
 *
 * Names carry no hashes and nothing depends on time or place: the same lock file gives the same bytes.
 */
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.env.FUNDGRAPH_STATIC ?? join(here, "../src/fundgraph/web/static"));

/* What Yasgui would ask of other hosts, or links to, and what stands there instead. Each must match exactly
 * `times` times, so that a new version of Yasgui cannot slip something past this list. */
const PATCHES = [
  { why: "prefixes come from this site", times: 1, find: /\(e\.config\.prefixCcApi \? [\s\S]*?: Promise\.resolve\(prefixes_default\)\)\.then/g, put: "Promise.resolve({}).then" },
  { why: "no completion from Linked Open Vocabularies", times: 1, find: /fetchFromLov = \(e, t, n\) => \{[\s\S]*?\n\}, completers/g, put: "fetchFromLov = () => Promise.resolve([]), completers" },
  { why: "no endpoints of others", times: 1, find: /\[\{ endpoint: "https:\/\/dbpedia\.org\/sparql" \}, \{ endpoint: "https:\/\/query\.wikidata\.org[^"]*" \}\]/g, put: "[]" },
  { why: "the default endpoint is ours", times: 1, find: /"https:\/\/dbpedia\.org\/sparql"/g, put: '"/sparql"' },
  { why: "no proxy for other hosts", times: 1, find: /checkEndpointForCors\(e\) \{[\s\S]*?\n\t\}\n/g, put: "checkEndpointForCors() {}\n" },
  { why: "help stands on this site", times: 3, find: /"https:\/\/docs\.triply\.cc\/yasgui\/[^"]*"/g, put: '"#editor-help"' },
];

function closed() {
  return {
    name: "fundgraph-closed",
    enforce: "pre",
    transform(code, id) {
      if (!id.endsWith("/yasgui.esm.js")) return null;
      for (const { why, times, find, put } of PATCHES) {
        const found = code.match(find)?.length ?? 0;
        if (found !== times) throw new Error(`${why}: found ${found} places in Yasgui, expected ${times}`);
        code = code.replace(find, put);
      }
      return { code, map: null };
    },
  };
}

/* The engine's bytes are handed to it; it need not look for them beside its script. */
function handed() {
  return {
    name: "fundgraph-handed",
    enforce: "pre",
    transform(code, id) {
      if (!id.endsWith("/oxigraph/web.js")) return null;
      const parts = code.split("new URL('web_bg.wasm', import.meta.url)");
      if (parts.length !== 2) throw new Error(`Oxigraph names its file in ${parts.length - 1} places, expected 1`);
      return { code: parts.join("undefined"), map: null };
    },
  };
}

async function bundle(entry, directory, name, plugins = [], format = "es") {
  await build({
    root: here,
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    plugins,
    build: {
      outDir: directory,
      emptyOutDir: false,
      target: "es2022",
      sourcemap: false,
      modulePreload: false,
      assetsInlineLimit: 100_000,
      cssCodeSplit: false,
      chunkSizeWarningLimit: 2000,
      rollupOptions: {
        input: join(here, "src", entry),
        preserveEntrySignatures: "strict",
        output: { format, entryFileNames: `${name}.js`, assetFileNames: `${name}[extname]`, inlineDynamicImports: true },
      },
    },
  });
}

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to
permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of
the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

async function licences() {
  const map = JSON.parse(await readFile(join(here, "node_modules/@zazuko/yasgui/build/yasgui.esm.js.map"), "utf8"));
  const names = new Set(["@zazuko/yasgui", "@zazuko/yasgui-utils", "@zazuko/yasqe", "@zazuko/yasr"]);
  for (const source of map.sources) {
    const parts = source.split("node_modules/");
    if (parts.length < 2) continue;
    const path = parts.at(-1).split("/");
    names.add(path[0].startsWith("@") ? `${path[0]}/${path[1]}` : path[0]);
  }
  names.add("oxigraph");
  const texts = [];
  for (const name of [...names].sort()) {
    const folder = join(here, "node_modules", name);
    if (!existsSync(join(folder, "package.json"))) continue; // a bundler's helper that is no package
    const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).sort().find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const author = typeof about.author === "string" ? about.author : about.author?.name;
    const people = [author, ...(about.contributors ?? []).map((one) => one.name ?? one)].filter(Boolean);
    const text = file
      ? (await readFile(join(folder, file), "utf8")).replace(/\r\n/g, "\n").trim()
      : `Copyright (c) ${people.join(", ") || `the authors of ${name}`}\n\n${MIT}`;
    if (!file && !about.license.split(" OR ").includes("MIT")) throw new Error(`${name} has no licence file and is not MIT`);
    texts.push(`${"=".repeat(78)}\n${name} ${about.version}: ${about.license}\n${"=".repeat(78)}\n\n${text}\n`);
  }
  const head = "editor.js and editor.css, and worker.js with oxigraph.wasm, bundle the following packages.\n\n";
  await writeFile(join(out, "editor", "LICENSES.txt"), head + texts.join("\n"));
}

for (const path of ["site.js", "site.css", "theme.js", "editor", "offline"]) await rm(join(out, path), { recursive: true, force: true });
await mkdir(join(out, "editor"), { recursive: true });
await bundle("theme.js", out, "theme");
await bundle("site.js", out, "site");
await bundle("editor.js", join(out, "editor"), "editor", [closed()]);
await bundle("offline/offline.js", join(out, "offline"), "offline", [], "iife"); // a plain script beside site.js
await bundle("offline/worker.js", join(out, "offline"), "worker", [handed()]);
await copyFile(join(here, "node_modules/oxigraph/web_bg.wasm"), join(out, "offline", "oxigraph.wasm"));
await licences();
