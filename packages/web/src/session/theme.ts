/** Sets the theme at once, and keeps it for the next first paint (public/theme.js). */
export function applyTheme(theme: "system" | "light" | "dark"): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
  try {
    if (theme === "system") localStorage.removeItem("arriero.theme");
    else localStorage.setItem("arriero.theme", theme);
  } catch {
    // Storage may be off; the server keeps the choice too.
  }
}
