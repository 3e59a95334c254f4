import { describe, expect, it } from "vitest";
import { LiveRegion, repaint } from "./live-region.ts";
import { createScreen } from "./screen.ts";

function recorder(isTTY: boolean) {
  const written: string[] = [];
  const screen = createScreen({ isTTY, columns: 30, write: (text: string) => written.push(text) }, { TERM: "dumb" });
  return { written, screen };
}

describe("repaint", () => {
  it("goes back over the lines it wrote", () => {
    expect(repaint(0, ["a"])).toBe("\ra\u001b[K");
    expect(repaint(2, ["a", "b"])).toBe("\r\u001b[1Aa\u001b[K\nb\u001b[K");
    expect(repaint(3, ["a"])).toBe("\r\u001b[2A\u001b[Ja\u001b[K");
  });
});

describe("LiveRegion", () => {
  it("paints at most every 66 ms on a terminal", () => {
    const { written, screen } = recorder(true);
    let now = 0;
    const region = new LiveRegion(screen, () => now);
    for (now = 0; now < 200; now += 10)
      region.update(
        () => ["x"],
        () => "x",
      );
    expect(written).toHaveLength(3);
  });
  it("cuts a line that would wrap, and shows the cursor again", () => {
    const { written, screen } = recorder(true);
    const region = new LiveRegion(screen, () => 0);
    region.finish(["y".repeat(50)], "");
    expect(written.join("")).toContain(`${"y".repeat(28)}…`);
    expect(written.at(-1)).toBe("\n\u001b[?25h");
  });
  it("writes a changed line every few seconds elsewhere", () => {
    const { written, screen } = recorder(false);
    let now = 0;
    const region = new LiveRegion(screen, () => now);
    for (now = 0; now < 10_000; now += 500)
      region.update(
        () => [],
        () => `at ${Math.floor(now / 6000)}`,
      );
    region.finish([], "done");
    expect(written).toEqual(["at 0\n", "at 1\n", "done\n"]);
  });
});
