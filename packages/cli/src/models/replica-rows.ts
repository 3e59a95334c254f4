import type { ListedReplica } from "@arriero/gateway";
import { ArrieroError } from "@arriero/spec";
import type { Screen } from "../terminal/screen.ts";
import { table } from "../terminal/table.ts";
import { bytes, grouped, percent, span } from "../terminal/units.ts";

const NONE = "-";

/** The answer of /arriero/v1/replicas; throws where the server is none of ours. */
export function readReplicas(value: unknown): readonly ListedReplica[] {
  if (Array.isArray(value) && value.every((each) => typeof each === "object" && each !== null && "modelName" in each)) {
    return value as readonly ListedReplica[];
  }
  throw new ArrieroError("unsupported", "The server does not list replicas as Arriero does.", {
    hint: "Name an Arriero server with --url.",
  });
}

const shown = <T>(value: T | undefined, format: (value: T) => string): string => (value === undefined ? NONE : format(value));

/** `arriero ps` for people. What a replica does not say, because it is loading or gone, is a dash. */
export function replicaTable(replicas: readonly ListedReplica[], screen: Screen): string {
  const rows = replicas.map((replica) => [
    replica.id,
    replica.modelName,
    replica.state,
    shown(replica.requestsRunning, String),
    shown(replica.requestsWaiting, String),
    shown(replica.kvCells, ({ used, cached, total }) => percent(total === 0 ? 0 : (used + cached) / total)),
    shown(replica.prefixHitRatio, percent),
    shown(replica.tokens, ({ generated }) => grouped(generated)),
    shown(replica.rssBytes, bytes),
    shown(replica.uptimeMs, span),
    String(replica.restarts),
  ]);
  const lines = table(
    [
      { title: "REPLICA", shrinkTo: 12 },
      { title: "MODEL", shrinkTo: 10 },
      { title: "STATE" },
      { title: "RUN", align: "right" },
      { title: "WAIT", align: "right" },
      { title: "KV", align: "right" },
      { title: "PREFIX", align: "right" },
      { title: "TOKENS", align: "right" },
      { title: "RSS", align: "right" },
      { title: "UP", align: "right" },
      { title: "RESTARTS", align: "right" },
    ],
    rows,
    { width: screen.columns(), palette: screen.palette },
  );
  const failures = replicas.flatMap(({ id, error }) => (error === null ? [] : [`${screen.palette.accent(id)}  ${error}`]));
  return [lines, ...failures].join("\n");
}
