import type { CommandTree } from "./invocation/command.ts";

/** Every command, in the order of the help. A command's file is read only when it is wanted. */
export const COMMANDS: CommandTree = {
  up: () => import("./commands/up.ts").then((file) => file.up),
  run: () => import("./commands/run.ts").then((file) => file.run),
  pull: () => import("./commands/pull.ts").then((file) => file.pull),
  list: () => import("./commands/list.ts").then((file) => file.list),
  show: () => import("./commands/show.ts").then((file) => file.show),
  ps: () => import("./commands/ps.ts").then((file) => file.ps),
  stop: () => import("./commands/stop.ts").then((file) => file.stop),
  create: () => import("./commands/create.ts").then((file) => file.create),
  cp: () => import("./commands/cp.ts").then((file) => file.cp),
  rm: () => import("./commands/rm.ts").then((file) => file.rm),
  key: () => import("./commands/key.ts").then((file) => file.key),
  login: () => import("./commands/login.ts").then((file) => file.login),
  logout: () => import("./commands/logout.ts").then((file) => file.logout),
  usage: () => import("./commands/usage.ts").then((file) => file.usage),
  bench: () => import("./commands/bench.ts").then((file) => file.bench),
  engine: () => import("./commands/engine.ts").then((file) => file.engine),
  doctor: () => import("./commands/doctor.ts").then((file) => file.doctor),
  explain: () => import("./commands/explain.ts").then((file) => file.explainCommand),
  config: () => import("./commands/config.ts").then((file) => file.config),
  completion: () => import("./commands/completion.ts").then((file) => file.completion),
  version: () => import("./commands/version.ts").then((file) => file.version),
  help: () => import("./commands/help.ts").then((file) => file.help),
};
