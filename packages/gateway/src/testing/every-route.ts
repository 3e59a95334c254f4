import { systemClock } from "@arriero/fleet";
import { page } from "@arriero/spec";
import { Accounts } from "../accounts/accounts.ts";
import { RoutedModels } from "../backends/routed-models.ts";
import { GenerationDesk } from "../chats/generation-desk.ts";
import { GATEWAY_LIMITS } from "../gateway-limits.ts";
import { Inference } from "../inference.ts";
import { readOnlyLibrary } from "../library/read-only-library.ts";
import { GatewayMetrics } from "../metrics.ts";
import { IdleUnload } from "../models/idle-unload.ts";
import { LaunchedModels } from "../models/launched-models.ts";
import { allRoutes } from "../routes/all-routes.ts";
import { NO_RESIDENCY } from "../routing/residency.ts";
import { EnginePools } from "../upstream/engine-pools.ts";
import { noAffinity } from "./no-affinity.ts";
import { catalogue } from "./test-gateway.ts";

const OF_THE_PAGE = new Set(Object.values(page.PAGE_API).map(({ method, path }) => `${method} ${path}`));

const fleet = {
  list: () => [],
  replicas: async () => [],
  unload: async () => false,
  lease: () => Promise.reject(new Error("nothing is leased here")),
};
const door = null;
const accounts = new Accounts({
  door,
  clock: systemClock,
  url: () => "http://127.0.0.1:1",
  firstVisitToken: null,
  mailer: null,
  providers: [],
  trustedProxies: 0,
});
const routed = new RoutedModels([], NO_RESIDENCY, []);
const models = new LaunchedModels(catalogue);
const inference = new Inference({
  affinity: noAffinity,
  replicas: fleet,
  routed,
  pools: new EnginePools(),
  limits: GATEWAY_LIMITS,
  clock: systemClock,
});
/** Every route as the server has it, by services that do nothing. */
export const everyRoute = allRoutes({
  fleet,
  models,
  library: readOnlyLibrary(catalogue),
  idle: new IdleUnload(fleet, systemClock),
  clock: systemClock,
  limits: GATEWAY_LIMITS,
  files: null,
  batches: null,
  unfinishedBatches: 0,
  door,
  accounting: null,
  wantsKey: true,
  address: () => "127.0.0.1:1",
  version: "0.0.0",
  metrics: new GatewayMetrics(fleet.list),
  inference,
  accounts,
  desk: new GenerationDesk({
    inference,
    models,
    accounting: null,
    organisations: new Map(),
    clock: systemClock,
    ask: (question) => accounts.ask(question),
    onTrouble: () => undefined,
  }),
  routed,
  prices: () => [],
  organisations: new Map(),
  startedAt: 0,
  isDraining: () => false,
  askStatus: async () => null,
});

/** Those of the APIs; page/authorization.test.ts has rows for those of the page. */
export const apiRoutes = everyRoute.filter(({ method, path }) => !OF_THE_PAGE.has(`${method} ${path}`));
