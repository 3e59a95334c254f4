import type { Replica } from "@arriero/fleet";
import { ArrieroError, type ReplicaStatus } from "@arriero/spec";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/route.ts";
import { mayUse } from "../models/visible-models.ts";

/** The replicas of this server, as its own routes need them. */
export interface FleetView {
  list(): readonly Replica[];
  /** Begins to load a model that is not loaded. Throws model_not_found. */
  replicas(model: string): Promise<readonly Replica[]>;
  /** false: it was not loaded. Throws model_not_found. */
  unload(model: string): Promise<boolean>;
}

/** What the supervisor knows of a replica, and what the replica says of itself when it can be asked. */
export interface ListedReplica extends Partial<Omit<ReplicaStatus, "id" | "state" | "pid" | "model">> {
  readonly id: string;
  readonly state: Replica["state"];
  readonly pid: number | null;
  /** The name it is served under; `description` is what its GGUF says. */
  readonly modelName: string;
  readonly model: ReplicaStatus["model"];
  readonly restarts: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly outstanding: number;
  /** Why it was given up. */
  readonly error: string | null;
}

export interface FleetServices {
  readonly fleet: FleetView;
  /** null when it does not answer. */
  askStatus(replica: Replica, signal: AbortSignal): Promise<ReplicaStatus | null>;
}

export function fleetRoutes({ askStatus, fleet }: FleetServices): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/arriero/v1/replicas",
      access: "caller",
      inference: false,
      async handler(exchange) {
        const visible = fleet.list().filter(({ model }) => mayUse(exchange.scope, model, null));
        const listed = visible.map(async (replica) => describe(replica, await askStatus(replica, exchange.signal)));
        exchange.sendJson(200, await Promise.all(listed));
      },
    },
    {
      method: "POST",
      path: "/arriero/v1/models/unload",
      access: "caller",
      inference: false,
      async handler(exchange) {
        const model = await readModelName(exchange);
        if (!mayUse(exchange.scope, model, null)) throw new ArrieroError("model_not_found", `No model is named ${model}.`);
        exchange.sendJson(200, { model, unloaded: await fleet.unload(model) });
      },
    },
  ];
}

async function readModelName(exchange: Exchange): Promise<string> {
  const body = await exchange.readJson();
  const model = typeof body === "object" && body !== null && "model" in body ? body.model : undefined;
  if (typeof model === "string" && model !== "") return model;
  throw new ArrieroError("invalid_request", "model must be the name of a model.", { param: "model" });
}

function describe(replica: Replica, status: ReplicaStatus | null): ListedReplica {
  return {
    ...status,
    id: replica.id,
    state: status?.state ?? replica.state,
    pid: replica.pid,
    modelName: replica.model,
    model: status?.model ?? null,
    restarts: replica.restarts,
    startedAt: replica.startedAt,
    outstanding: replica.outstanding,
    error: replica.failure?.message ?? null,
  };
}
