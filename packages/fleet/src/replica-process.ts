import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { childEnvironment } from "./child-environment.ts";
import { type EngineEvent, parseEngineEvent } from "./engine-event.ts";
import { splitLines } from "./line-splitter.ts";
import { LineTail } from "./line-tail.ts";

/** How long the output of a process that has exited is still read. */
const LAST_WORDS_MS = 250;

/** How one life of a replica's process is begun. `options` travels as JSON in ARRIERO_ENGINE_OPTIONS. */
export interface ReplicaLaunch {
  readonly options: Readonly<Record<string, unknown>>;
  onEvent(event: EngineEvent): void;
  onStderr(line: string): void;
}

export interface ReplicaExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Last lines of stderr, oldest first. */
  readonly stderr: readonly string[];
}

/** One life of a replica's process. */
export interface ReplicaProcess {
  readonly pid: number | null;
  /** Resolves once the process is gone and its output is read; never rejects. */
  readonly exited: Promise<ReplicaExit>;
  /** Asks it to drain and exit; SIGKILL after `graceMs`. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
  /** SIGKILL now. */
  kill(): void;
}

export type LaunchReplica = (launch: ReplicaLaunch) => ReplicaProcess;

/**
 * Launches `entry` with this Node. The child's stdin is a pipe that nobody writes: it closes when this process dies,
 * whatever the cause, and the child exits then. So no replica outlives its supervisor.
 */
export function launchEngine(
  entry: string,
  own: Readonly<Record<string, string>> = {},
  environment: NodeJS.ProcessEnv = process.env,
): LaunchReplica {
  return (launch) => {
    let child: ChildProcessWithoutNullStreams;
    try {
      child = spawn(process.execPath, [entry], {
        stdio: ["pipe", "pipe", "pipe"],
        env: childEnvironment(environment, { ...own, ARRIERO_ENGINE_OPTIONS: JSON.stringify(launch.options) }),
        windowsHide: true,
      });
    } catch (thrown) {
      return stillborn(thrown);
    }
    const tail = new LineTail();
    child.stdout.on(
      "data",
      splitLines((line) => {
        const event = parseEngineEvent(line);
        if (event === null) launch.onStderr(line);
        else launch.onEvent(event);
      }),
    );
    child.stderr.on(
      "data",
      splitLines((line) => {
        tail.push(line);
        launch.onStderr(line);
      }),
    );
    // The child may close its end first; writing nothing, we lose nothing.
    child.stdin.on("error", () => undefined);

    const exited = new Promise<ReplicaExit>((resolve) => {
      child.once("error", (error) => {
        tail.push(error.message);
        // Without a pid there was no process, and no `close` follows.
        if (child.pid === undefined) resolve({ code: null, signal: null, stderr: tail.lines() });
      });
      child.once("exit", (code, signal) => {
        const finish = (): void => resolve({ code, signal, stderr: tail.lines() });
        child.once("close", finish);
        // Something that inherited the pipes may hold them open; the process itself is gone.
        setTimeout(finish, LAST_WORDS_MS).unref();
      });
    });

    return {
      pid: child.pid ?? null,
      exited,
      async stop(graceMs) {
        child.stdin.end();
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
        await exited;
        clearTimeout(timer);
      },
      kill() {
        child.kill("SIGKILL");
      },
    };
  };
}

/** Some errors of spawn are events and some, such as options too long for the environment, are thrown: here they are one. */
function stillborn(thrown: unknown): ReplicaProcess {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    pid: null,
    exited: Promise.resolve({ code: null, signal: null, stderr: [reason] }),
    stop: async () => undefined,
    kill: () => undefined,
  };
}
