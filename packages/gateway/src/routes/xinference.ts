import { splitModelName, xinference } from "@arriero/dialects";
import { ArrieroError } from "@arriero/spec";
import type { GatewayLimits } from "../gateway-limits.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/route.ts";
import { resolveModel } from "../models/known-models.ts";
import type { LaunchedModels } from "../models/launched-models.ts";
import type { ReplicaSource } from "../upstream/replica-picker.ts";
import type { FleetView } from "./fleet.ts";

export interface XinferenceServices {
  readonly fleet: FleetView & ReplicaSource;
  readonly models: LaunchedModels;
  readonly limits: Pick<GatewayLimits, "loadMs">;
  readonly version: string;
  /** Whether callers need a key. */
  readonly wantsKey: boolean;
  /** `host:port` of this server. */
  address(): string;
}

/** What Xinference's client asks beside the routes it shares with OpenAI's: the cluster, launch and terminate. */
export function xinferenceRoutes(services: XinferenceServices): readonly Route[] {
  const { address, fleet, models, version, wantsKey } = services;
  const own = { access: "caller", inference: false, formatError: xinference.formatError } as const;
  return [
    {
      ...own,
      method: "GET",
      path: "/v1/cluster/auth",
      // The client asks before it sends its key, to learn whether to send it.
      access: "public",
      async handler(exchange) {
        exchange.sendJson(200, { auth: wantsKey });
      },
    },
    {
      ...own,
      method: "GET",
      path: "/v1/cluster/version",
      async handler(exchange) {
        exchange.sendJson(200, { version });
      },
    },
    {
      ...own,
      method: "GET",
      path: "/v1/address",
      async handler(exchange) {
        exchange.sendJson(200, address());
      },
    },
    {
      ...own,
      method: "POST",
      path: "/v1/models",
      // It waits for a model, and may have others unloaded for it.
      inference: true,
      async handler(exchange) {
        const launch = xinference.parseLaunch(await exchange.readJson());
        exchange.sendJson(200, { model_uid: await launchModel(services, launch, exchange) });
      },
    },
    {
      ...own,
      method: "DELETE",
      path: "/v1/models/{id}",
      async handler(exchange) {
        const { model } = await resolveModel(models, splitModelName(exchange.parameter), exchange.scope);
        const launched = models.forget(exchange.parameter);
        const inUse = models.launched().some((other) => other.model === model);
        if (launched === null || !inUse) await fleet.unload(model);
        exchange.sendJson(200, null);
      },
    },
  ];
}

/** Loads the model and gives it its uid. Waits until it answers, unless the query says `wait_ready=false`. */
async function launchModel(
  { fleet, limits, models }: XinferenceServices,
  { name, type, uid }: xinference.Launch,
  exchange: Exchange,
): Promise<string> {
  const asked = splitModelName(name);
  const { adapter, model } = await resolveModel(models, asked, exchange.scope);
  const description = await models.describe(model);
  if (!xinference.canServeAs(description, type)) {
    const own = xinference.modelTypeOf(description);
    throw new ArrieroError("unsupported", `${name} cannot be launched as ${type}; it is of type ${own}.`, {
      param: "model_type",
    });
  }
  if (uid !== null && adapter !== null) {
    throw new ArrieroError("unsupported", `A model_uid stands for a model, not for one with its adapter, as ${name} is.`, {
      param: "model_uid",
      hint: "Launch the model under the uid, then ask for UID+ADAPTER.",
    });
  }
  const isNew = uid !== null && (await models.name({ uid, model, type }));
  try {
    if (exchange.query.get("wait_ready") === "false") await fleet.replicas(model);
    else (await fleet.lease(model, { signal: exchange.signal, timeoutMs: limits.loadMs })).release();
  } catch (thrown) {
    // The caller was not told that it has the name.
    if (isNew) models.forget(uid);
    throw thrown;
  }
  return uid ?? name;
}
