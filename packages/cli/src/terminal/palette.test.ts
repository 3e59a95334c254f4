import { describe, expect, it } from "vitest";
import { colourDepth, createPalette } from "./palette.ts";

describe("colourDepth", () => {
  const env = { TERM: "xterm-256color" };
  it("is none where output is no terminal", () => expect(colourDepth({ isTTY: false, env })).toBe("none"));
  it("follows NO_COLOR when it holds anything", () => {
    expect(colourDepth({ isTTY: true, env: { ...env, NO_COLOR: "1" } })).toBe("none");
    expect(colourDepth({ isTTY: true, env: { ...env, NO_COLOR: "" } })).toBe("ansi256");
  });
  it("lets the flag win both ways", () => {
    expect(colourDepth({ isTTY: true, env, flag: false })).toBe("none");
    expect(colourDepth({ isTTY: false, env: { NO_COLOR: "1" }, flag: true })).toBe("ansi16");
  });
  it("reads the depth from the environment", () => {
    expect(colourDepth({ isTTY: true, env: { ...env, COLORTERM: "truecolor" } })).toBe("truecolor");
    expect(colourDepth({ isTTY: true, env: { TERM: "xterm" } })).toBe("ansi16");
    expect(colourDepth({ isTTY: true, env: { TERM: "dumb" } })).toBe("none");
  });
});

describe("createPalette", () => {
  it("writes no escape without colour", () => {
    const palette = createPalette("none");
    expect(palette.accent("a") + palette.strong("b") + palette.quiet("c")).toBe("abc");
  });
  it("closes what it opens", () => {
    expect(createPalette("ansi16").accent("x")).toBe("\u001b[31mx\u001b[39m");
    expect(createPalette("truecolor").strong("x")).toBe("\u001b[1mx\u001b[22m");
  });
});
