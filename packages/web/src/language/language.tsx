import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { en } from "./en/index.ts";
import type { LanguageName, Text } from "./text.ts";

interface Language {
  name: LanguageName;
  text: Text;
}

const Current = createContext<Language>({ name: "en", text: en });

/** What the browser asks for, where we have it. */
export function browserLanguage(languages: readonly string[]): LanguageName {
  for (const language of languages) {
    const short = language.slice(0, 2).toLowerCase();
    if (short === "es" || short === "en") return short;
  }
  return "en";
}

export const useText = (): Text => useContext(Current).text;
export const useLanguageName = (): LanguageName => useContext(Current).name;

/** English is in the page from the start; Spanish is fetched where it is wanted. */
export function LanguageProvider({ wanted, children }: { wanted: LanguageName; children: ReactNode }) {
  const [spanish, setSpanish] = useState<Text>();
  useEffect(() => {
    document.documentElement.lang = wanted;
    if (wanted === "es" && !spanish) void import("./es/index.ts").then((module) => setSpanish(module.es));
  }, [wanted, spanish]);
  const current = useMemo<Language | null>(() => {
    if (wanted === "en") return { name: "en", text: en };
    return spanish ? { name: "es", text: spanish } : null;
  }, [wanted, spanish]);
  // A moment of nothing is calmer than a moment of the wrong language.
  return current && <Current.Provider value={current}>{children}</Current.Provider>;
}
