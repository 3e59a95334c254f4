import type { Setting } from "./setting.ts";

/** A setting as a row of the table in docs/configuration.md, which a test holds against this. */
export function settingRow({ env, fallback, flag, key, summary }: Setting): string {
  return `| \`${key}\` | ${flag === null ? "" : `\`--${flag}\``} | \`${env}\` | \`${JSON.stringify(fallback)}\` | ${summary} |`;
}
