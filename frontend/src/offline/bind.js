/* Canned queries with their blanks filled: what somebody typed is checked and rendered as one term, as on the server. */
const SLUG = /^[\w.~%-]+$/;
const PREFIXED = /^([A-Za-z][\w.-]*):(.*)$/s;
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`\x7f]+$/;
const XSD = { "xsd:string": /^.*$/s, "xsd:integer": /^[+-]?[0-9]{1,18}$/, "xsd:decimal": /^[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?$/, "xsd:date": /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/, "xsd:gYear": /^[0-9]{4}$/, "xsd:boolean": /^(?:true|false|1|0)$/ };
const ESCAPES = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f" };

/* What is wrong, in English with places for its parts: whoever shows it may have it in another language. */
class Wrong extends Error {
  constructor(text, ...parts) {
    super(filled(text, parts));
    Object.assign(this, { text, parts });
  }
}
const filled = (text, parts) => text.split("{}").map((piece, at) => (at ? parts[at - 1] : "") + piece).join("");
export { Wrong, filled };

function iri(text) {
  if (!ABSOLUTE.test(text)) throw new Wrong("'{}' is not an absolute IRI", text);
  return `<${text}>`;
}
function reference(value, below, prefixes) {
  if (value.startsWith("<") && value.endsWith(">")) return iri(value.slice(1, -1));
  if (SLUG.test(value)) return iri(below + value);
  const parts = PREFIXED.exec(value);
  if (parts && parts[1] in prefixes) return iri(prefixes[parts[1]] + parts[2]);
  if (value.includes("://") || value.startsWith("urn:")) return iri(value);
  throw parts ? new Wrong("the prefix '{}' is not known", parts[1]) : new Wrong("'{}' names nothing", value);
}
/* A u after a backslash is written as an escape of its own: some engines expand \uXXXX before they parse. */
function string(value) {
  let written = "";
  let previous = "";
  for (const letter of value) {
    if ("uU".includes(letter) && previous === "\\") written += `\\U${letter.codePointAt(0).toString(16).toUpperCase().padStart(8, "0")}`;
    else written += ESCAPES[letter] ?? letter;
    previous = letter;
  }
  return `"${written}"`;
}
function render(type, value, below, prefixes, namespace) {
  if (below) return reference(value, below, prefixes);
  if (!XSD[type].test(value)) throw new Wrong("'{}' is no {}", value, type.slice(4));
  if (type === "xsd:string") return string(value);
  if (type === "xsd:integer") return String(BigInt(value.replace("+", "")));
  if (type === "xsd:boolean") return value === "true" || value === "1" ? "true" : "false";
  if (type === "xsd:date" && Number.isNaN(Date.parse(`${value}T00:00:00Z`))) throw new Wrong("'{}' is no {}", value, "date");
  return `"${value}"^^<${namespace}${type.slice(4)}>`;
}

/* form: { pieces, params, prefixes, xsd } as the page of the question has it; given: value by name. */
export function bind(form, given) {
  const terms = {};
  for (const { name, type, below, default: usual, optional, options } of form.params) {
    const value = given[name] || usual;
    if (value === null || value === undefined) {
      if (!optional) throw new Wrong("'{}' is missing", name);
      terms[name] = "UNDEF";
    } else if (options && !options.includes(value)) throw new Wrong("'{}' cannot be '{}'", name, value);
    else terms[name] = render(type, value, below, form.prefixes, form.xsd);
  }
  return form.pieces.map((piece) => (typeof piece === "string" ? piece : ` ${terms[piece.name]} `)).join("");
}
