import type { Screen } from "../terminal/screen.ts";
import { displayWidth, pad, wrapWords } from "../terminal/text-width.ts";
import type { Check } from "./check.ts";

/** The findings for people: a mark, what was looked at, what was found, and below it what to do. */
export function doctorReport(checks: readonly Check[], screen: Screen): string {
  const { glyphs, palette } = screen;
  const marks = {
    ok: glyphs.ok,
    absent: palette.quiet(glyphs.dot),
    warning: glyphs.warning,
    failed: palette.accent(glyphs.failed),
  };
  const width = Math.max(...checks.map(({ name }) => displayWidth(name)));
  const markWidth = Math.max(...Object.values(marks).map(displayWidth));
  const indent = " ".repeat(2 + markWidth + 1 + width + 2);
  const room = Math.max(30, Math.min(100, screen.columns()) - indent.length);
  const lines = checks.map(({ detail, hint, name, status }) => {
    const found = wrapWords(detail, room).join(`\n${indent}`);
    const todo = hint === undefined ? "" : `\n${indent}${palette.quiet(hint)}`;
    return `  ${pad(marks[status], markWidth)} ${pad(name, width)}  ${found}${todo}`;
  });
  const count = (status: Check["status"]) => checks.filter((check) => check.status === status).length;
  const [failed, warnings] = [count("failed"), count("warning")];
  const plural = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
  const verdict =
    failed > 0
      ? `${plural(failed, "thing")} to repair.`
      : warnings > 0
        ? `Arriero can work; ${plural(warnings, "thing")} to look at.`
        : "Everything is in order.";
  return `${lines.join("\n")}\n\n  ${palette.strong(verdict)}\n`;
}
