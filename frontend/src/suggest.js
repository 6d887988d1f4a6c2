/* A box that suggests things of one kind while one types; the value is the last part of the thing's address. */
const boxes = "root" in document.documentElement.dataset ? [] : document.querySelectorAll("input[data-suggest]");
for (const box of boxes) {
  const list = document.createElement("datalist");
  list.id = `${box.name}-suggested`;
  box.after(list);
  box.setAttribute("list", list.id);
  let timer;
  let asked = "";
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const words = box.value.trim();
      if (words.length < 2 || words === asked) return;
      asked = words;
      const answer = await fetch(`/search?${new URLSearchParams({ format: "json", kind: box.dataset.suggest, limit: "20", q: words })}`).catch(() => null);
      if (!answer?.ok || asked !== words) return;
      const { results } = await answer.json();
      list.replaceChildren(...results.map(({ iri, label }) => {
        const option = document.createElement("option");
        option.value = decodeURIComponent(iri.split("/").pop());
        option.label = label;
        return option;
      }));
    }, 150);
  });
}
