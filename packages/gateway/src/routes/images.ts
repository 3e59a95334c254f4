import { xinference } from "@arriero/dialects";
import { ArrieroError } from "@arriero/spec";
import type { Route } from "../http/route.ts";

/** No backend makes images yet. The route says so, since a 404 would read as a wrong address. */
export function imageRoutes(): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v1/images/generations",
      access: "caller",
      inference: false,
      formatError: xinference.formatSharedError,
      async handler(exchange) {
        await exchange.readJson();
        throw new ArrieroError("unsupported", "This server has no model that makes images.", { param: "model" });
      },
    },
  ];
}
