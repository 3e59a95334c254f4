import { spawn } from "node:child_process";
import { join } from "node:path";
import { isLoopback } from "../config/listen-address.ts";
import { loadConfig } from "../config/load-config.ts";
import { keyPath } from "../home/key-file.ts";
import { readServerFile, removeServerFile, writeServerFile } from "../home/server-file.ts";
import { EXIT, type ExitCode } from "../invocation/exit-code.ts";
import type { Session } from "../invocation/session.ts";
import { version } from "../invocation/version.ts";
import { LiveRegion } from "../terminal/live-region.ts";
import { loadingLines, readyLines, readyPlain, type Serving } from "./banner.ts";
import { followConfig } from "./follow-config.ts";
import { openLog } from "./server-log.ts";
import { nextSignal } from "./signals.ts";
import { startServer } from "./start-server.ts";

/** Between two paintings of the loading band, in milliseconds. */
const FRAME_MS = 80;

function openBrowser(url: string): void {
  const [program, ...before] =
    process.platform === "darwin" ? ["open"] : process.platform === "win32" ? ["cmd", "/c", "start", ""] : ["xdg-open"];
  const child = spawn(program!, [...before, url], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}

/** `arriero up`: serves until a signal comes, then drains. */
export async function serve(flags: Readonly<Record<string, unknown>>, session: Session): Promise<ExitCode> {
  const { env, err, home, now, out } = session;
  session.surviveBrokenPipe();
  const began = now() - process.uptime() * 1000;
  const config = await loadConfig(flags, env, home);
  let reload: () => void = () => undefined;
  const stopped = nextSignal(() => reload());
  const log = openLog(home, config.logLevel, err);
  const other = await readServerFile(home);
  const server = await startServer({ config, home, env, log });
  const following = followConfig({ flags, env, home, config, server, log });
  reload = following.reload;
  const region = new LiveRegion(out, now);
  let tick = 0;
  const paint = () =>
    region.update(
      () => loadingLines(config.model, server.states()[0] ?? "starting", tick++, out),
      () => `listening at ${server.url}, loading ${config.model}`,
    );
  paint();
  const frames = setInterval(paint, FRAME_MS);
  try {
    if (other === null) await writeServerFile(home, { url: server.url, pid: process.pid, key: server.key });
    const first = await Promise.race([server.ready.then(() => "ready" as const), stopped]);
    clearInterval(frames);
    if (first === "ready") {
      const serving: Serving = {
        url: server.url,
        model: config.model,
        replicas: config.replicas,
        version: version(),
        wantsKey: config.requireKey || !isLoopback(config.host),
        readyMs: now() - began,
        logs: join(home.logs, "arriero.log"),
      };
      region.finish([], readyPlain(serving).trimEnd());
      // Written whole: a line that is cut cannot be pasted.
      if (out.isTTY) out.write(`${readyLines(serving, out).join("\n")}\n`);
      if (server.createdKey !== null) {
        out.write(
          `  ${out.palette.strong("API key")}, shown this once and kept in ${keyPath(home)}:\n  ${server.createdKey}\n\n`,
        );
      }
      const token = await server.firstVisit();
      if (token !== null) {
        out.write(
          `  ${out.palette.strong("First visit")}: open ${server.url} and make the owner's account with this token:\n  ${token}\n\n`,
        );
      }
      if (other !== null) out.write(`  Another server of this home runs at ${other.url}; commands go on using that one.\n`);
      log.info({ url: server.url, model: config.model, readyMs: Math.round(serving.readyMs) }, "ready");
      if (flags.open === true) openBrowser(server.url);
      await stopped;
    } else region.finish([], "");
    out.write(out.isTTY ? "\r  finishing what runs; Ctrl-C again leaves at once\n" : "draining\n");
    return EXIT.ok;
  } finally {
    clearInterval(frames);
    following.close();
    await removeServerFile(home, process.pid);
    await server.close();
    log.info("stopped");
  }
}
