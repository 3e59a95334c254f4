import { band, shuttle } from "../terminal/band.ts";
import type { Screen } from "../terminal/screen.ts";
import { span } from "../terminal/units.ts";

export interface Serving {
  readonly url: string;
  readonly model: string;
  readonly replicas: number;
  readonly version: string;
  /** Requests need a key. */
  readonly wantsKey: boolean;
  /** From the command to the ready model. */
  readonly readyMs: number;
  readonly logs: string;
}

const BAND_CELLS = 32;

const bandWidth = (screen: Screen): number => Math.min(BAND_CELLS, screen.columns() - 4);

/** One call that shows the server at work, as it can be pasted. */
export function curlExample({ url, model, wantsKey }: Pick<Serving, "url" | "model" | "wantsKey">): string[] {
  return [
    `curl ${url}/v1/chat/completions \\`,
    ...(wantsKey ? [`  -H "Authorization: Bearer $ARRIERO_API_KEY" \\`] : []),
    "  -H 'Content-Type: application/json' \\",
    `  -d '{"model":"${model}","messages":[{"role":"user","content":"What is Arriero?"}]}'`,
  ];
}

/** While the model loads: the shuttle goes over the warp. Nobody knows how far it is, so no share is shown. */
export function loadingLines(model: string, state: string, tick: number, screen: Screen): string[] {
  return ["", `  ${shuttle(tick, bandWidth(screen), screen)}`, "", `  ${model} ${screen.palette.quiet(state)}`];
}

/** What stands when the model is ready: two woven rows, the address, a call to paste, how to chat, how to stop. */
export function readyLines(serving: Serving, screen: Screen): string[] {
  const { strong, quiet } = screen.palette;
  const width = bandWidth(screen);
  const replicas = serving.replicas === 1 ? "" : `, ${serving.replicas} replicas`;
  const seconds = serving.readyMs < 10_000 ? `${(serving.readyMs / 1000).toFixed(1)} s` : span(serving.readyMs);
  return [
    "",
    `  ${band(1, width, screen, 0)}`,
    `  ${band(1, width, screen, 1)}`,
    "",
    `  ${strong("Arriero")} ${quiet(`${serving.version}, ready in ${seconds}`)}`,
    "",
    `  ${quiet("Serving")}  ${strong(serving.model)}${quiet(replicas)}`,
    `  ${quiet("Address")}  ${strong(serving.url)}`,
    `  ${quiet("Chat")}     arriero run ${serving.model}`,
    `  ${quiet("Logs")}     ${serving.logs}`,
    "",
    ...curlExample(serving).map((line) => `  ${line}`),
    "",
    `  ${quiet("Ctrl-C finishes what runs and stops.")}`,
    "",
  ];
}

/** The same where output is no terminal: plain lines that can be grepped. */
export function readyPlain(serving: Serving): string {
  return `ready  ${serving.model} at ${serving.url} after ${(serving.readyMs / 1000).toFixed(2)} s\n`;
}
