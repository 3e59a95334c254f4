import { isatty } from "node:tty";
import { EXIT } from "../invocation/exit-code.ts";

const STANDARD_STREAMS = [0, 1, 2];

/**
 * The next SIGINT or SIGTERM, or the end of the terminal that the server was started in; one more while we drain leaves
 * at once. A SIGHUP that comes from anywhere else is the habit of daemons: read the configuration again.
 */
export function nextSignal(onReload: () => void): Promise<NodeJS.Signals> {
  const hadTerminal = STANDARD_STREAMS.some((stream) => isatty(stream));
  return new Promise((resolve) => {
    let heard = false;
    const hear = (signal: NodeJS.Signals) => {
      if (heard) process.exit(EXIT.interrupted);
      heard = true;
      resolve(signal);
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, hear);
    process.on("SIGHUP", () => {
      // A terminal that hung up answers no more, so that its streams are none of a terminal.
      const hungUp = hadTerminal && !STANDARD_STREAMS.some((stream) => isatty(stream));
      if (hungUp) hear("SIGHUP");
      else onReload();
    });
  });
}
