import { group } from "../invocation/command.ts";

export const key = group("key", "Make, see and revoke API keys", {
  create: () => import("./key-create.ts").then((file) => file.keyCreate),
  list: () => import("./key-list.ts").then((file) => file.keyList),
  revoke: () => import("./key-revoke.ts").then((file) => file.keyRevoke),
});
