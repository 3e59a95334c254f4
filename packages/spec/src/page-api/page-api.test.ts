import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PAGE_API } from "./page-api.ts";
import { DeviceCode, SessionAnswer, Settings } from "./session.ts";
import { Title } from "./shapes.ts";

const endpoints = Object.values(PAGE_API);

it("declares every route once", () => {
  const routes = endpoints.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(routes).size).toBe(routes.length);
});

it("is documented, route by route, with its access", () => {
  const text = readFileSync(new URL("../../../../docs/page-api.md", import.meta.url), "utf8");
  const documented = [...text.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) \S+)` \| (\w+) \| (.+) \|$/gm)].map((row) =>
    row.slice(1).join(" | "),
  );
  expect(documented.sort()).toEqual(
    endpoints.map(({ about, access, method, path }) => `${method} ${path} | ${access} | ${about}`).sort(),
  );
});

it("takes no body by GET, and changes nothing without one of the other methods", () => {
  for (const { body, method, path } of endpoints) if (method === "GET") expect(body, path).toBeNull();
});

it("keeps names to one line", () => {
  expect(Title.parse("  a name ")).toBe("a name");
  for (const bad of ["", "  ", "a\nb", "a\u0000", "a\u2028b", "x".repeat(201)])
    expect(Title.safeParse(bad).success, bad).toBe(false);
});

it("has settings by default, and codes that nobody mistypes for another", () => {
  expect(Settings.parse({})).toMatchObject({ language: "auto", theme: "system", enterSends: true });
  expect(DeviceCode.safeParse("BCDF-GHJK").success).toBe(true);
  expect(DeviceCode.safeParse("AEIO-0000").success).toBe(false);
  expect(SessionAnswer.safeParse({ state: "first-visit", version: "1", wantsToken: true }).success).toBe(true);
});
