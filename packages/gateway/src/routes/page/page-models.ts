import { SSE_HEADERS } from "@arriero/dialects";
import type { Clock, Replica } from "@arriero/fleet";
import { page, type ReplicaStatus, type RoutedModel } from "@arriero/spec";
import type { Accounts } from "../../accounts/accounts.ts";
import { ownerOf, type Person, principalFor } from "../../accounts/person.ts";
import type { RoutedModels } from "../../backends/routed-models.ts";
import type { GenerationDesk } from "../../chats/generation-desk.ts";
import type { Route } from "../../http/route.ts";
import type { ModelLibrary } from "../../library/model-library.ts";
import { SharedPulls } from "../../library/shared-pulls.ts";
import { defaultModel, type KnownModel, type ModelCatalogue } from "../../models/known-models.ts";
import { ModelDescriptions } from "../../models/model-descriptions.ts";
import type { OrganisationPolicies } from "../../routing/caller-residency.ts";
import { combineResidency, residencyObjection } from "../../routing/residency.ts";
import type { StoreDoor } from "../../store/store-door.ts";
import { type ModelPrice, priceOf } from "../../usage/model-price.ts";
import type { FleetView } from "../fleet.ts";
import { pageRoute, personOf } from "./page-route.ts";
import { pullFrames } from "./pull-frames.ts";

export interface PageModelServices {
  readonly accounts: Accounts;
  readonly desk: GenerationDesk;
  readonly door: StoreDoor | null;
  readonly fleet: FleetView;
  readonly library: ModelLibrary;
  readonly models: ModelCatalogue;
  readonly routed: RoutedModels;
  readonly organisations: Pick<OrganisationPolicies, "get">;
  prices(): readonly ModelPrice[];
  readonly clock: Clock;
  readonly version: string;
  readonly startedAt: number;
  askStatus(replica: Replica, signal: AbortSignal): Promise<ReplicaStatus | null>;
}

const { PAGE_API } = page;
const WATCH_MS = 1_000;

/** Models as the picker shows them, and what those who run the server do with them. */
export function pageModelRoutes(services: PageModelServices): readonly Route[] {
  const { accounts, askStatus, clock, desk, door, fleet, library, models, organisations, prices, routed, startedAt, version } =
    services;
  const descriptions = new ModelDescriptions(models);

  const residencyOf = (person: Person) => {
    const { organisation } = principalFor(ownerOf(person), person.standing.rules);
    const configured = organisations.get(organisation);
    return routed.residencyFor(
      combineResidency([person.standing.rules.residency, ...(configured === undefined ? [] : [configured])]),
    );
  };

  const explain = (person: Person, name: string) => {
    const policy = residencyOf(person);
    const set = routed.find(name);
    const places = set === null ? [{ id: "replicas", ...routed.here }] : set.model.backends;
    return places.map(({ boundary, id, regions }) => {
      const objection = residencyObjection(policy, { boundary, regions });
      return { id, allowed: objection === null, why: objection?.message ?? "The policy allows where it is." };
    });
  };

  const describe = async (known: KnownModel, own: string | undefined, person: Person): Promise<page.PageModel> => {
    const said = await descriptions.of(known).catch(() => null);
    const routedModel = routed.find(known.name)?.model ?? null;
    const states = fleet
      .list()
      .filter(({ model }) => model === known.name)
      .map(({ state }) => state);
    const allowed = explain(person, known.name);
    const price = priceOf(prices(), known.name, null);
    return {
      name: known.name,
      adapters: Object.keys(known.adapters),
      isDefault: known.name === own,
      state: states.includes("ready") ? "loaded" : states.length > 0 ? "loading" : routedModel === null ? "stored" : "remote",
      architecture: orNull(said?.architecture, "unknown"),
      parameters: orNull(said?.parameters, 0),
      quantization: orNull(said?.quantization, "unknown"),
      sizeBytes: orNull(said?.sizeBytes, 0),
      contextLength: orNull(said?.contextLength, 0),
      abilities: [...(said?.abilities ?? [])],
      license: said?.license ?? null,
      system: known.system,
      price: price === null ? null : { input: price.prompt, cachedInput: price.cached ?? null, output: price.completion },
      backends: routedModel === null ? [] : backendsOf(routedModel),
      allowed: allowed.some((each) => each.allowed),
      refusal: allowed.some((each) => each.allowed) ? null : (allowed[0]?.why ?? null),
    };
  };

  const replicas = async (signal: AbortSignal): Promise<page.PageReplica[]> =>
    Promise.all(fleet.list().map(async (replica) => toReplica(replica, await askStatus(replica, signal))));

  const pulls = new SharedPulls((reference, work) => library.pull(reference, work));

  async function* watch(signal: AbortSignal): AsyncGenerator<string, void, void> {
    while (!signal.aborted) {
      const said = { at: clock.now(), entries: await replicas(signal) };
      yield `event: replicas\ndata: ${JSON.stringify(said)}\n\n`;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(WATCH_MS, resolve);
        const leave = (): void => {
          cancel();
          resolve();
        };
        signal.addEventListener("abort", leave, { once: true });
      });
    }
  }

  return [
    pageRoute(PAGE_API.listModels, async ({ exchange }) => {
      const person = personOf(exchange);
      const own = await defaultModel(models);
      const chatty = await Promise.all((await models.list()).map((known) => describe(known, own?.name, person)));
      return { entries: chatty };
    }),
    pageRoute(PAGE_API.explainResidency, async ({ exchange, query }) => {
      const { name } = await models.resolve(query.model);
      return { model: name, backends: explain(personOf(exchange), name) };
    }),
    pageRoute(PAGE_API.listReplicas, async ({ exchange }) => ({ at: clock.now(), entries: await replicas(exchange.signal) })),
    pageRoute(PAGE_API.watchReplicas, async ({ exchange }) => {
      await exchange.sendFrames(watch(exchange.signal), SSE_HEADERS);
    }),
    pageRoute(PAGE_API.pullModel, async ({ body, exchange }) => {
      await exchange.sendFrames(pullFrames(pulls.watch(body.model, exchange.signal)), SSE_HEADERS);
    }),
    pageRoute(PAGE_API.deleteModel, async ({ body }) => {
      const { name } = await library.resolve(body.model);
      await fleet.unload(name);
      await library.remove(name);
    }),
    pageRoute(PAGE_API.loadModel, async ({ body }) => {
      await fleet.replicas((await models.resolve(body.model)).name);
    }),
    pageRoute(PAGE_API.unloadModel, async ({ body }) => {
      await fleet.unload((await models.resolve(body.model)).name);
    }),
    pageRoute(PAGE_API.health, async () => {
      const ready = fleet.list().filter(({ state }) => state === "ready").length;
      const kind = await accounts.ask(async (pages) => pages.kind);
      const { allowedRegions } = routed.residencyFor(null);
      return {
        version,
        startedAt,
        node: process.version,
        store: { ...(door?.health ?? { state: "away" as const, message: "" }), kind },
        replicas: { ready, total: fleet.list().length },
        generations: { ...(await accounts.ask(({ generations }) => generations.counts())), running: desk.running },
        rssBytes: process.memoryUsage.rss(),
        residency: { ownRegions: [...routed.here.regions], allowedRegions: allowedRegions === null ? null : [...allowedRegions] },
      };
    }),
  ];
}

const orNull = <T>(value: T | undefined, unknown: T): T | null => (value === undefined || value === unknown ? null : value);

const backendsOf = ({ backends }: RoutedModel): page.PageBackend[] =>
  backends.map((backend) => ({
    id: backend.id,
    own: backend.kind === "engine" && backend.url === null,
    regions: [...backend.regions],
    boundary: backend.boundary,
    hardware: backend.hardware,
    purchase: backend.purchase,
    price: backend.pricePerMillion,
    capabilities: [...backend.capabilities],
  }));

function toReplica(replica: Replica, status: ReplicaStatus | null): page.PageReplica {
  return {
    id: replica.id,
    model: replica.model,
    state: status?.state ?? replica.state,
    pid: replica.pid,
    startedAt: Math.round(replica.startedAt),
    restarts: replica.restarts,
    error: replica.failure?.message ?? null,
    requestsRunning: status?.requestsRunning ?? null,
    requestsWaiting: status?.requestsWaiting ?? null,
    kvCells: status?.kvCells ?? null,
    prefixHitRatio: status?.prefixHitRatio ?? null,
    tokens: status?.tokens ?? null,
    rssBytes: status?.rssBytes ?? null,
  };
}
