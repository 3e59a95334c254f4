import { expect, it } from "vitest";
import { matchRoute, type Route } from "./route.ts";

const route = (method: Route["method"], path: string): Route => ({
  method,
  path,
  access: "public",
  inference: false,
  handler: async () => undefined,
});
const routes = [route("GET", "/items"), route("POST", "/items"), route("GET", "/items/{id}")];

it("finds routes by method and path, and takes the rest of the path as the parameter", () => {
  expect(matchRoute(routes, "POST", "/items")).toEqual({ kind: "route", route: routes[1], parameter: "" });
  expect(matchRoute(routes, "HEAD", "/items")).toEqual({ kind: "route", route: routes[0], parameter: "" });
  expect(matchRoute(routes, "GET", "/items/org%2Fname:q4")).toMatchObject({ kind: "route", parameter: "org/name:q4" });
  expect(matchRoute(routes, "GET", "/items/org/name")).toMatchObject({ kind: "route", parameter: "org/name" });
});

it("says what is allowed", () => {
  expect(matchRoute(routes, "DELETE", "/items")).toEqual({ kind: "method-not-allowed", allow: "GET, HEAD, POST, OPTIONS" });
  expect(matchRoute(routes, "OPTIONS", "/items/x")).toEqual({ kind: "options", allow: "GET, HEAD, OPTIONS" });
});

it.each(["/", "/item", "/items/", "/items/%E0%A4%A", "//items", "/ITEMS"])("does not know %s", (path) => {
  expect(matchRoute(routes, "GET", path)).toEqual({ kind: "not-found" });
});
