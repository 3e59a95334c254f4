import { expect, test } from "vitest";
import { ratioTable } from "./table.ts";

const subject = {
  title: "q4_0",
  peer: "llama-server",
  targets: { "decode.1": { atLeast: 1.1 }, "ttft.shared-prefix": { atMost: 0.2 } },
};

test("columns line up and a missed target says so", () => {
  const lines = ratioTable(subject, [
    { name: "decode.1", unit: "tok/s", ours: 44, peer: 40, ratio: 1.1 },
    { name: "ttft.shared-prefix", unit: "ms", ours: 30_000, peer: 60_000, ratio: 0.5 },
  ]).split("\n");
  expect(lines[0]).toBe("q4_0");
  expect(lines[2]).toMatch(/decode\.1 .* 44\.0 tok\/s +40\.0 tok\/s +1\.10 +>= 1\.1 +met$/);
  expect(lines[3]).toMatch(/30\.0 s +60\.0 s +0\.50 +<= 0\.2 +missed$/);
  expect(lines[2]!.indexOf("met")).toBe(lines[3]!.indexOf("missed"));
});
