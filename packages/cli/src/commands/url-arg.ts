import type { ArgsDef } from "citty";

/** For commands that talk to a server. */
export const URL_ARG = {
  url: { type: "string", valueHint: "URL", description: "The server to talk to (ARRIERO_HOST; default: the one running here)" },
} as const satisfies ArgsDef;
