import { ArrieroError } from "@arriero/spec";
import pino from "pino";
import { serveReplica } from "./http/replica-server.ts";
import { EngineOptions } from "./options.ts";
import { Replica } from "./replica/replica.ts";

/** How often the lifeline to the parent is checked, and how long after a drain the process may linger. */
const PARENT_CHECK_MS = 1000;
const EXIT_GRACE_MS = 2000;

/** stdout speaks to the supervisor: one JSON object a line, nothing else. Logs go to stderr. */
function announce(event: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function readOptions(): EngineOptions {
  const text = process.env["ARRIERO_ENGINE_OPTIONS"];
  // The options hold the token: children and crash dumps need not see it.
  delete process.env["ARRIERO_ENGINE_OPTIONS"];
  if (text === undefined)
    throw new ArrieroError("config_invalid", "ARRIERO_ENGINE_OPTIONS is not set; start replicas with `arriero engine`");
  const parsed = EngineOptions.safeParse(parseJson(text));
  if (!parsed.success)
    throw new ArrieroError(
      "config_invalid",
      `engine options: ${parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")}`,
    );
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ArrieroError("config_invalid", "ARRIERO_ENGINE_OPTIONS is not JSON", { cause });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // It may be another user's: not ours to signal, but there.
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  const log = pino({ level: options.logLevel, base: { replica: options.id } }, pino.destination({ dest: 2, sync: true }));
  const replica = new Replica(options, log, () => process.exit(1));
  let stopping = false;
  const stop = (why: string) => {
    if (stopping) return;
    stopping = true;
    announce({ event: "draining" });
    log.info({ why }, "stopping");
    void replica.close().finally(() => {
      setTimeout(() => process.exit(0), EXIT_GRACE_MS).unref();
      server.close(() => process.exit(0));
      server.closeIdleConnections();
    });
  };
  const { server, url } = await serveReplica(replica, options, log);
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGINT", () => stop("SIGINT"));
  // The supervisor holds the other end: when it goes, however it goes, so does this process.
  process.stdin.on("end", () => stop("the supervisor closed the lifeline")).on("error", () => stop("the lifeline broke"));
  process.stdin.resume();
  process.stdout.on("error", () => stop("stdout closed"));
  const { parentPid } = options;
  if (parentPid !== null) setInterval(() => isAlive(parentPid) || stop("the parent process is gone"), PARENT_CHECK_MS).unref();
  void replica.draining.then(() => stop("a drain was asked for"));
  announce({ event: "listening", url });
  await replica.load();
  announce({ event: "ready" });
}

main().catch((thrown: unknown) => {
  const error = ArrieroError.wrap(thrown);
  announce({ event: "failed", error: error.body });
  process.stderr.write(`${JSON.stringify({ level: 60, error: error.body, stack: error.stack })}\n`);
  process.exit(1);
});
