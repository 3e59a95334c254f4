import { page } from "@arriero/spec";
import { expect, it } from "vitest";
import { ROUTES } from "./routes.ts";

it("names each route as it is declared", () => {
  const declared = Object.fromEntries(
    Object.entries(page.PAGE_API).map(([name, route]) => [name, `${route.method} ${route.path}`]),
  );
  expect(ROUTES).toEqual(declared);
});
