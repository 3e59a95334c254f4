import type { Route } from "../http/route.ts";
import type { GatewayMetrics } from "../metrics.ts";
import type { FleetView } from "./fleet.ts";

export interface ServerServices {
  readonly fleet: FleetView;
  readonly metrics: GatewayMetrics;
  readonly version: string;
  isDraining(): boolean;
}

/** What the server says of itself. */
export function serverRoutes({ fleet, isDraining, metrics, version }: ServerServices): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/",
      access: "public",
      inference: false,
      async handler(exchange) {
        exchange.sendText(200, `Arriero ${version} serves open models here: the OpenAI API is under /v1.\n`);
      },
    },
    {
      method: "GET",
      path: "/health",
      access: "public",
      inference: false,
      async handler(exchange) {
        exchange.sendJson(200, { status: "ok" });
      },
    },
    {
      method: "GET",
      path: "/ready",
      access: "public",
      inference: false,
      async handler(exchange) {
        const readiness = judgeReadiness(isDraining(), fleet);
        exchange.sendJson(readiness.status === "ready" ? 200 : 503, readiness);
      },
    },
    {
      method: "GET",
      path: "/metrics",
      access: "operator",
      inference: false,
      async handler(exchange) {
        exchange.sendText(200, await metrics.render(), { "content-type": metrics.contentType });
      },
    },
  ];
}

interface Readiness {
  readonly status: "ready" | "loading" | "draining";
  readonly replicas: { readonly ready: number; readonly total: number };
}

/** Ready when some replica is, or when none was asked for yet: models are loaded by the first request. */
function judgeReadiness(draining: boolean, fleet: FleetView): Readiness {
  const replicas = fleet.list();
  const ready = replicas.filter((replica) => replica.state === "ready").length;
  const counts = { ready, total: replicas.length };
  if (draining) return { status: "draining", replicas: counts };
  return { status: ready > 0 || replicas.length === 0 ? "ready" : "loading", replicas: counts };
}
