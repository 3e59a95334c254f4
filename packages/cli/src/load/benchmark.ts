import { ArrieroError } from "@arriero/spec";
import { findServer } from "../client/find-server.ts";
import { isLoopback } from "../config/listen-address.ts";
import { EXIT, type ExitCode } from "../invocation/exit-code.ts";
import type { Session } from "../invocation/session.ts";
import { withPrivateServer } from "../server/private-server.ts";
import { LiveRegion } from "../terminal/live-region.ts";
import { type LoadFlags, loadPlan } from "./load-plan.ts";
import { runLoad } from "./load-test.ts";
import { loadLine, loadLines, loadReport, loadSummary } from "./load-view.ts";

interface BenchFlags extends LoadFlags {
  readonly url?: string | undefined;
  readonly json?: boolean | undefined;
  readonly "allow-remote"?: boolean | undefined;
  readonly [flag: string]: unknown;
}

/** `arriero bench`. Exit code 1 when not one request was answered. */
export async function benchmark(flags: BenchFlags, session: Session): Promise<ExitCode> {
  const { env, err, home, out } = session;
  const plan = loadPlan(flags);
  const endpoint = await findServer({ url: flags.url, env, home });
  const host = endpoint === null ? "127.0.0.1" : new URL(endpoint.url).hostname.replace(/^\[|\]$/g, "");
  if (!isLoopback(host) && flags["allow-remote"] !== true) {
    throw new ArrieroError("forbidden", `${host} is not this machine, and a load test may hurt those who use it.`, {
      hint: "Add --allow-remote where you may.",
    });
  }
  const now = () => performance.now();
  const signal = session.interruption();
  return withPrivateServer(endpoint, { flags: { ...flags, model: plan.model.split("+")[0] }, session }, async (target) => {
    const region = new LiveRegion(err, now);
    const onProgress = (progress: Parameters<typeof loadLine>[1]) =>
      region.update(
        () => loadLines(plan, progress, err),
        () => loadLine(plan, progress),
      );
    const result = await runLoad({ endpoint: target, plan, signal, now, onProgress });
    const last = { ...result, failed: Object.values(result.errors).reduce((sum, each) => sum + each, 0), running: 0 };
    region.finish(loadLines(plan, last, err), loadLine(plan, last));
    if (flags.json) out.write(`${JSON.stringify(loadSummary(plan, result))}\n`);
    else out.write(`\n${loadReport(plan, result, out)}\n`);
    if (result.stopped) return EXIT.interrupted;
    return result.completed > 0 ? EXIT.ok : EXIT.failure;
  });
}
