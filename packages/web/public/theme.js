// Runs before the first paint, so that a chosen theme never flashes. An external file, since the content policy allows no inline script.
try {
  const theme = localStorage.getItem("arriero.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be off; the system's theme is used.
}
