/** What a key press asks for. Letters alone do nothing while one writes. */
export type Shortcut = "commands" | "new" | "search" | "column" | "shortcuts";

interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** How each is written in menus and in the list of shortcuts. */
export const SHORTCUTS: Record<Shortcut, string> = {
  commands: "Ctrl K",
  new: "Ctrl Shift O",
  search: "Ctrl Shift F",
  column: "Ctrl B",
  shortcuts: "Ctrl /",
};

/** On a Mac the command key stands for Ctrl. */
export function shortcutOf({ key, ctrlKey, metaKey, shiftKey, altKey }: Press): Shortcut | null {
  if (!(ctrlKey || metaKey) || altKey) return null;
  const letter = key.toLowerCase();
  if (shiftKey) return letter === "o" ? "new" : letter === "f" ? "search" : null;
  if (letter === "k") return "commands";
  if (letter === "b") return "column";
  return letter === "/" ? "shortcuts" : null;
}
