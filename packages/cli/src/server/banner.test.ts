import { describe, expect, it } from "vitest";
import { createScreen } from "../terminal/screen.ts";
import { displayWidth } from "../terminal/text-width.ts";
import { curlExample, loadingLines, readyLines, readyPlain } from "./banner.ts";

const serving = {
  url: "http://127.0.0.1:8080",
  model: "arriero-demo",
  replicas: 2,
  version: "0.1.0",
  wantsKey: false,
  readyMs: 840,
  logs: "/home/x/logs/arriero.log",
};
const screen = (columns: number) =>
  createScreen({ isTTY: true, columns, write: () => undefined }, { TERM: "dumb", LANG: "C.UTF-8" });

describe("the banner", () => {
  it("says what is served, where, how to call it and how to stop", () => {
    const text = readyLines(serving, screen(100)).join("\n");
    for (const part of [
      "0.1.0, ready in 0.8 s",
      "arriero-demo, 2 replicas",
      serving.url,
      "arriero run arriero-demo",
      "curl",
      "Ctrl-C",
    ]) {
      expect(text).toContain(part);
    }
  });
  it("keeps its band within a narrow terminal", () => {
    for (const line of [...readyLines(serving, screen(30)).slice(0, 4), ...loadingLines("m", "loading", 3, screen(30))]) {
      expect(displayWidth(line)).toBeLessThanOrEqual(30);
    }
  });
  it("shows how to send a key where one is wanted, and never the key", () => {
    expect(curlExample(serving).join("\n")).not.toContain("Authorization");
    expect(curlExample({ ...serving, wantsKey: true }).join("\n")).toContain('Bearer $ARRIERO_API_KEY"');
  });
  it("is one line where output is no terminal", () =>
    expect(readyPlain(serving)).toBe("ready  arriero-demo at http://127.0.0.1:8080 after 0.84 s\n"));
});
