/* What scripts say: English as it stands in them; in other languages from a block of JSON in the page, or, in a folder
 * of files, from one script for all pages. */
const given = globalThis.fundgraphWords ?? JSON.parse(document.getElementById("words")?.textContent ?? "{}");
export const word = (text) => given[text] ?? text;

/* Keep the words of something that is not ours in the page's language, whenever it writes some. */
export function keepTranslated(root, except) {
  if (!Object.keys(given).length) return;
  /* Sentences with places to fill, {}, as patterns. */
  const patterns = Object.entries(given).filter(([text]) => text.includes("{}")).map(([text, said]) => {
    const parts = text.split("{}").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return [new RegExp(`^${parts.join("(.+?)")}$`), said];
  });
  const turned = (text) => {
    const core = text.trim();
    if (!core) return text;
    if (given[core]) return text.replace(core, () => given[core]);
    for (const [pattern, said] of patterns) {
      const found = pattern.exec(core);
      if (found) {
        let at = 0;
        return said.replaceAll("{}", () => word(found[++at]));
      }
    }
    return text;
  };
  const attributes = ["title", "aria-label", "placeholder"];
  const element = (node) => {
    for (const name of attributes) {
      const text = node.getAttribute(name);
      const said = text && turned(text);
      if (said && said !== text) node.setAttribute(name, said);
    }
  };
  const all = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.parentElement?.closest(except)) return;
      const said = turned(node.data);
      if (said !== node.data) node.data = said;
    } else if (node.nodeType === Node.ELEMENT_NODE && !node.closest(except)) {
      element(node);
      for (const child of node.childNodes) all(child);
    }
  };
  all(root);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "childList") addedNodes.forEach(all);
      else if (type === "characterData") all(target);
      else if (!target.closest(except)) element(target);
    }
  }).observe(root, { subtree: true, childList: true, characterData: true, attributeFilter: attributes });
}
