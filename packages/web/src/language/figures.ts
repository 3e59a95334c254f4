import { useMemo } from "react";
import { useLanguageName } from "./language.tsx";
import type { LanguageName } from "./text.ts";

const DAY_MS = 86_400_000;

/** Numbers, sizes and times as the reader's language writes them. */
export function figuresIn(language: LanguageName) {
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0, useGrouping: "always" } as Intl.NumberFormatOptions);
  const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const tenth = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const money = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 4 });
  const date = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" });
  const moment = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  return {
    whole: (value: number) => whole.format(value),
    short: (value: number) => short.format(value),
    tenth: (value: number) => tenth.format(value),
    percent: (value: number) => percent.format(value),
    /** From millionths of the installation's currency. */
    money: (micros: number) => money.format(micros / 1e6),
    price: (amount: number) => money.format(amount),
    date: (at: number) => date.format(at),
    moment: (at: number) => moment.format(at),
    seconds: (ms: number) => `${tenth.format(ms / 1000)} s`,
    /** Of a file or of memory, in decimal units as disks are sold. */
    bytes: (value: number) => {
      const unit = value >= 1e9 ? "GB" : value >= 1e6 ? "MB" : "kB";
      return `${tenth.format(value / (unit === "GB" ? 1e9 : unit === "MB" ? 1e6 : 1e3))} ${unit}`;
    },
    ago: (at: number, now: number) => {
      const seconds = Math.round((at - now) / 1000);
      if (seconds > -60) return ago.format(Math.min(0, seconds), "second");
      if (seconds > -3600) return ago.format(Math.round(seconds / 60), "minute");
      if (seconds > -86_400) return ago.format(Math.round(seconds / 3600), "hour");
      if (now - at < 30 * DAY_MS) return ago.format(Math.round(seconds / 86_400), "day");
      return date.format(at);
    },
  };
}

export type Figures = ReturnType<typeof figuresIn>;

export function useFigures(): Figures {
  const language = useLanguageName();
  return useMemo(() => figuresIn(language), [language]);
}
