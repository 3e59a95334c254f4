import { group } from "../invocation/command.ts";

export const config = group("config", "Look at the configuration", {
  check: () => import("./config-check.ts").then((file) => file.configCheck),
});
