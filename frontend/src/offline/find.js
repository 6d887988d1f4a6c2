/* Search without a server: every word sought must begin a word of a name or text; capitals and accents do not count. */
const UMLAUTS = { ä: "ae", ö: "oe", ü: "ue", ß: "ss", ø: "oe", å: "aa", æ: "ae", œ: "oe" };
const plain = (text) => text.toLowerCase().replaceAll("ß", "ss").normalize("NFD").replace(/\p{M}/gu, "");
const spelt = (text) => text.normalize("NFC").toLowerCase().replace(/[äöüßøåæœ]/g, (letter) => UMLAUTS[letter]);
const words = (text) => plain(text).match(/[\p{L}\p{N}]+/gu) ?? [];
const WEIGHTS = [10, 6, 1];

let prepared = null;
function prepare(rows) {
  prepared ??= rows.map(([file, iri, kind, label, names, text]) => ({
    file, iri, kind, label, text,
    fields: [` ${[...words(label), ...words(spelt(label))].join(" ")}`, ` ${[...words(names), ...words(spelt(names))].join(" ")}`, ` ${words(text).join(" ")}`],
  }));
  return prepared;
}

/* The things found, best first: { file, iri, kind, label, near }; near is the passage of a text, if only that fits. */
export function find(rows, sought, kind = "") {
  const tokens = words(sought);
  if (!tokens.length) return [];
  const found = [];
  for (const one of prepare(rows)) {
    if (kind && one.kind !== kind) continue;
    let score = 0;
    for (const token of tokens) {
      const at = one.fields.findIndex((field) => field.includes(` ${token}`));
      if (at < 0) {
        score = 0;
        break;
      }
      score += WEIGHTS[at] + (one.fields[at].includes(` ${token} `) ? 0.5 : 0);
    }
    if (score) found.push({ ...one, score });
  }
  if (!found.length) {
    const inside = tokens.join(" ");
    for (const one of prepare(rows)) if ((!kind || one.kind === kind) && (one.fields[0].includes(inside) || one.fields[1].includes(inside))) found.push({ ...one, score: 0.1 });
  }
  found.sort((one, other) => other.score - one.score || one.label.localeCompare(other.label) || (one.iri < other.iri ? -1 : 1));
  return found.map(({ file, iri, kind: sort, label, text, fields }) => ({ file, iri, kind: sort, label, near: tokens.every((token) => fields[0].includes(` ${token}`)) ? "" : passage(text, tokens) }));
}

/* Some words around the first place where a text has one of the words sought. */
function passage(text, tokens) {
  const split = text.split(/(?<=\s)/);
  const at = split.findIndex((word) => words(word).some((one) => tokens.some((token) => one.startsWith(token))));
  if (at < 0) return "";
  const start = Math.max(0, at - 8);
  return `${start ? "… " : ""}${split.slice(start, at + 14).join("").trim()}${at + 14 < split.length ? " …" : ""}`;
}
