import type { page } from "@arriero/spec";
import { type Handlers, notFound, pageOf } from "./routes.ts";
import type { World } from "./world.ts";

const member = (account: World["accounts"][number], now: number): page.Member => ({
  ...account.person,
  role: account.role,
  lastSeenAt: now,
});

export const operateRoutes: Handlers = {
  listModels: ({ world }) => ({ entries: world.models }),
  explainResidency: ({ world, query }) => ({
    model: query.model,
    backends:
      world.models
        .find((one) => one.name === query.model)
        ?.backends.map((backend) => ({ id: backend.id, allowed: true, why: "in a permitted region" })) ?? [],
  }),
  listReplicas: ({ world }) => ({ at: world.now(), entries: world.replicas(world.now()) }),
  watchReplicas: ({ world, response }) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const write = (at: number) =>
      response.write(`event: replicas\ndata: ${JSON.stringify({ at, entries: world.replicas(at) })}\n\n`);
    // As if the page had been open for a minute: its plots are full at once.
    for (let second = 59; second >= 0; second--) write(world.now() - second * 1000);
    const timer = setInterval(() => write(world.now()), 1000);
    response.on("close", () => clearInterval(timer));
    return undefined;
  },
  pullModel: ({ world, body, response }) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let completed = 0;
    const write = (event: page.PullEvent) => response.write(`event: ${event.event}\ndata: ${JSON.stringify(event)}\n\n`);
    const timer = setInterval(() => {
      completed += 5e7;
      write({ event: "progress", status: "downloading", total: 5e8, completed });
      if (completed < 5e8) return;
      clearInterval(timer);
      world.models.push({ ...world.models[0]!, name: body.model, isDefault: false, state: "stored", adapters: [] });
      write({ event: "done" });
      response.end();
    }, world.paceMs);
    response.on("close", () => clearInterval(timer));
    return undefined;
  },
  loadModel: ({ world, body }) => setState(world, body.model, "loaded"),
  unloadModel: ({ world, body }) => setState(world, body.model, "stored"),
  deleteModel: ({ world, body }) => {
    world.models = world.models.filter((one) => one.name !== body.model);
    return undefined;
  },
  health: ({ world }) => {
    const replicas = world.replicas(world.now());
    return {
      version: "0.1.0",
      startedAt: world.now() - 3 * 86_400_000,
      node: "v20.19.5",
      store: { state: "open", kind: "embedded", message: "" },
      replicas: { ready: replicas.filter((one) => one.state === "ready").length, total: replicas.length },
      generations: { running: 2, interruptedLastDay: 0 },
      rssBytes: 212_000_000,
      residency: { ownRegions: ["eu-central-1"], allowedRegions: ["eu-*"] },
    };
  },
  listKeys: ({ world, query }) =>
    pageOf(
      world.keys.filter((one) => query.revoked || one.state !== "revoked"),
      query,
    ),
  createKey: ({ world, me, body }) => {
    const record: page.PageKey = {
      ...body,
      id: world.nextId("key"),
      prefix: "arr_7Yq2",
      state: "active",
      createdAt: world.now(),
      revokedAt: null,
      owner: { id: me.person.id, name: me.person.name },
    };
    world.keys.unshift(record);
    return { key: "arr_7Yq2fLmA9vXcR4sT8wZk3nBd", record };
  },
  revokeKey: ({ world, path }) => {
    const key = world.keys.find((one) => one.id === path["id"]);
    if (!key) throw notFound("such key");
    Object.assign(key, { state: "revoked", revokedAt: world.now() });
    return undefined;
  },
  usage: ({ world }) => {
    const total = {
      requests: 0,
      failures: 0,
      promptTokens: 0,
      cachedTokens: 0,
      completionTokens: 0,
      reasoningTokens: 0,
      costMicros: 0,
    };
    for (const entry of world.usage) for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += entry[name];
    const days = world.usage.map((entry) => entry.day).sort();
    return { from: days[0] ?? "2026-01-01", to: days.at(-1) ?? "2026-01-31", entries: world.usage, total };
  },
  listMembers: ({ world, query }) =>
    pageOf(
      world.accounts.map((one) => member(one, world.now())),
      query,
    ),
  changeMember: ({ world, path, body }) => {
    const account = world.accounts.find((one) => one.person.id === path["id"]);
    if (!account) throw notFound("such member");
    account.role = body.role;
    return member(account, world.now());
  },
  removeMember: ({ world, path }) => {
    world.accounts = world.accounts.filter((one) => one.person.id !== path["id"]);
    return undefined;
  },
  resetMemberPassword: ({ world }) => ({ link: "/reset#dGhpcyBpcyBub3QgYSB0b2tlbg", expiresAt: world.now() + 3_600_000 }),
  listInvitations: ({ world, query }) => pageOf(world.invitations, query),
  invite: ({ world, body }) => {
    const invitation: page.Invitation = {
      ...body,
      id: world.nextId("inv"),
      createdAt: world.now(),
      expiresAt: world.now() + 7 * 86_400_000,
      acceptedAt: null,
    };
    world.invitations.unshift(invitation);
    return { invitation, link: "/invitation#dGhpcyBpcyBub3QgYSB0b2tlbg", mailed: false };
  },
  withdrawInvitation: ({ world, path }) => {
    world.invitations = world.invitations.filter((one) => one.id !== path["id"]);
    return undefined;
  },
  organisation: ({ world }) => world.organisation,
  organisationBudgets: ({ world: { now, organisation, usage } }) => {
    const { tokenBudget } = organisation;
    const used = usage.reduce((sum, { completionTokens, promptTokens }) => sum + promptTokens + completionTokens, 0);
    if (tokenBudget === null) return { entries: [] };
    const { period, tokens: most } = tokenBudget;
    return { entries: [{ unit: "tokens", most, period, used, endsAt: now() }] };
  },
  changeOrganisation: ({ world, body }) => Object.assign(world.organisation, body),
  listAudit: ({ world, query }) => pageOf(world.audit, query),
};

function setState(world: World, name: string, state: page.PageModel["state"]): undefined {
  const model = world.models.find((one) => one.name === name);
  if (!model) throw notFound("such model");
  model.state = state;
  return undefined;
}
