import { createHighlighterCore, type HighlighterCore, type ThemeRegistration } from "shiki/core";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";
import { type CodeLanguage, loadLanguage } from "./code-languages.ts";

/** What a piece of code is; each kind has one colour of the page. */
export type CodeKind = "comment" | "keyword" | "string" | "number" | "name";
export type CodeLine = { text: string; kind: CodeKind | undefined }[];

/** The theme's colours are marks that stand for a kind: the page's own tokens paint them, in both themes. */
const MARKS: Record<string, CodeKind> = {
  "#000001": "comment",
  "#000002": "keyword",
  "#000003": "string",
  "#000004": "number",
  "#000005": "name",
};

const THEME: ThemeRegistration = {
  name: "arriero",
  type: "light",
  fg: "#000000",
  bg: "#ffffff",
  settings: [
    { scope: ["comment", "punctuation.definition.comment"], settings: { foreground: "#000001" } },
    { scope: ["keyword", "storage", "entity.name.tag", "support.type.property-name.json"], settings: { foreground: "#000002" } },
    { scope: ["keyword.operator"], settings: { foreground: "#000000" } },
    { scope: ["string", "markup.inserted"], settings: { foreground: "#000003" } },
    { scope: ["constant", "markup.deleted"], settings: { foreground: "#000004" } },
    {
      scope: ["entity.name.function", "entity.name.type", "entity.name.class", "markup.heading"],
      settings: { foreground: "#000005" },
    },
  ],
};

let core: Promise<HighlighterCore> | undefined;

/** The code in pieces. The regular expressions are JavaScript's own: WebAssembly would need a wider content policy. */
export async function highlight(code: string, language: CodeLanguage): Promise<CodeLine[]> {
  core ??= createHighlighterCore({ themes: [THEME], langs: [], engine: createJavaScriptRegexEngine({ forgiving: true }) });
  const highlighter = await core;
  await highlighter.loadLanguage((await loadLanguage(language)).default);
  const { tokens } = highlighter.codeToTokens(code, { lang: language, theme: THEME });
  return tokens.map((line) => line.map((token) => ({ text: token.content, kind: MARKS[token.color?.toLowerCase() ?? ""] })));
}
