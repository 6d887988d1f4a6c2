/* Before the first paint: the chosen theme, if one was chosen. */
try {
  const theme = localStorage.getItem("fundgraph-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  /* No storage: the system's choice stands. */
}
