import { expect, it } from "vitest";
import { shortcutOf } from "./shortcuts.ts";

const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "shiftKey" | "altKey", true>>) =>
  shortcutOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held });

it("knows its keys, with Ctrl or the command key", () => {
  expect(press("k", { ctrlKey: true })).toBe("commands");
  expect(press("K", { metaKey: true })).toBe("commands");
  expect(press("O", { ctrlKey: true, shiftKey: true })).toBe("new");
});

it("leaves what one writes alone", () => {
  expect(press("k", {})).toBeNull();
  expect(press("k", { ctrlKey: true, altKey: true })).toBeNull();
  expect(press("o", { ctrlKey: true })).toBeNull();
});
