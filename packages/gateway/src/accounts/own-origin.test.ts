import { expect, it } from "vitest";
import { requireOwnOrigin } from "./own-origin.ts";

const host = "chat.example:8080";
const own = { host, origin: `http://${host}` };

it.each([
  ["POST", own],
  ["POST", { host, "sec-fetch-site": "same-origin" }],
  ["DELETE", { ...own, "sec-fetch-site": "same-origin" }],
  ["GET", { host }],
  ["GET", { host, "sec-fetch-site": "none" }],
  ["GET", { host, "sec-fetch-site": "same-origin" }],
])("takes %s from its own page: %o", (method, headers) => expect(() => requireOwnOrigin(method, headers)).not.toThrow());

it.each([
  ["POST", { host }],
  ["PATCH", { host, "sec-fetch-site": "none" }],
  ["POST", { host, origin: "http://evil.example" }],
  ["POST", { host, origin: "null" }],
  ["POST", { host, origin: "http://chat.example:8081" }],
  ["POST", { ...own, "sec-fetch-site": "cross-site" }],
  ["POST", { host, "sec-fetch-site": "same-site" }],
  ["GET", { host, "sec-fetch-site": "cross-site" }],
  ["GET", { host, origin: "https://evil.example" }],
])("takes no %s from elsewhere: %o", (method, headers) =>
  expect(() => requireOwnOrigin(method, headers)).toThrow(expect.objectContaining({ code: "forbidden" })),
);
