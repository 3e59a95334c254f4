import type { page } from "@arriero/spec";
import { addMessage } from "./answers.ts";
import { addConversation } from "./chat-routes.ts";
import { addAccount } from "./session-routes.ts";
import { type Account, emptyWorld, type World } from "./world.ts";

export const OWNER = { name: "Inés Quispe", email: "ines@altiplano.example", password: "cordillera-blanca" };

const DAY_MS = 86_400_000;

const backend = (id: string, more: Partial<page.PageBackend>): page.PageBackend => ({
  id,
  own: true,
  regions: ["eu-central-1"],
  boundary: "contractual",
  hardware: "cpu",
  purchase: "on-demand",
  price: null,
  capabilities: [],
  ...more,
});

const model = (name: string, more: Partial<page.PageModel>): page.PageModel => ({
  name,
  adapters: [],
  isDefault: false,
  state: "stored",
  architecture: "qwen3",
  parameters: 4.02e9,
  quantization: "Q4_K_M",
  sizeBytes: 2.5e9,
  contextLength: 32_768,
  abilities: ["chat"],
  license: "apache-2.0",
  system: null,
  price: null,
  backends: [backend("here", {})],
  allowed: true,
  refusal: null,
  ...more,
});

const MODELS: page.PageModel[] = [
  model("qwen3-4b", { isDefault: true, state: "loaded", adapters: ["customs-forms", "quechua"] }),
  model("gemma3-1b", { parameters: 1e9, sizeBytes: 8.1e8, contextLength: 8192, license: "gemma" }),
  model("qwen3-30b-a3b", {
    parameters: 30.5e9,
    quantization: "FP8",
    sizeBytes: null,
    contextLength: 131_072,
    state: "remote",
    price: { input: 0.09, cachedInput: null, output: 0.42 },
    backends: [backend("l40s-frankfurt", { own: false, hardware: "gpu", purchase: "spot" })],
  }),
  model("llama-4-maverick", {
    parameters: 400e9,
    quantization: null,
    sizeBytes: null,
    contextLength: 1_000_000,
    state: "remote",
    price: { input: 0.2, cachedInput: null, output: 0.8 },
    backends: [backend("vendor-us", { own: false, regions: ["us-east-1"], hardware: "gpu", boundary: "documented" })],
    allowed: false,
    refusal: "us-east-1 is outside of the regions your organisation allows: eu-*",
  }),
];

const QUESTION = "How do I keep a caravan of twelve llamas at a steady pace over the pass, with 25 kg each?";

const ANSWER = `Plan for the slowest animal, and let the lead llama set the pace. With 25 kg each you are within what a healthy adult carries all day, a quarter of its weight.

1. **Load evenly.** Weigh both sides of every pack; a difference of half a kilogram turns into a sore by evening.
2. **Walk in the cool.** Four hours from dawn, then graze.
3. **Rest before the pass**, not on it.

| stage | climb | hours |
|---|---:|---:|
| Village to spring | 420 m | 3 |
| Spring to shelter | 310 m | 2.5 |
| Over the pass | 540 m | 4 |

A quick check of the total load:

\`\`\`python
llamas, load_kg = 12, 25
total = llamas * load_kg      # what the caravan carries
print(f"{total} kg in {llamas} packs")
\`\`\`

The energy for the last climb is about $$E = m g h = 300 \\cdot 9.81 \\cdot 540 \\approx 1.6\\,\\text{MJ}$$ for the load alone.`;

const TITLES = [
  "Water points between Uyuni and Colchani",
  "Reglas de aduana para lana en bruto",
  "Rewrite the packing list as a table",
  "Why does the KV cache grow with context",
  "Carta al municipio por el puente",
  "Compare two LoRA adapters",
  "Names for the new lead llama",
  "Weather window for the second week of May",
];

function addChats(world: World, me: Account): void {
  const now = world.now();
  const main = addConversation(world, me, { title: "A steady pace over the pass", updatedAt: now, model: "qwen3-4b" });
  addMessage(world, main, { text: QUESTION });
  addMessage(world, main, {
    role: "assistant",
    text: ANSWER,
    model: "qwen3-4b",
    finishReason: "stop",
    usage: {
      promptTokens: 61,
      cachedTokens: 38,
      completionTokens: 274,
      reasoningTokens: 0,
      costMicros: 0,
      ttftMs: 310,
      decodeMs: 11_200,
    },
  });
  const question = main.leafId;
  addMessage(world, main, { text: "And if one goes lame on the way up?" });
  addMessage(world, main, { parentId: question, text: "And if one of them goes lame on the way up, who takes its load?" });
  addMessage(world, main, {
    role: "assistant",
    text: "Spread its load over the others at once: 25 kg over eleven animals is a little over two kilograms each, which all of them can take. Let the lame one walk unloaded at the end of the string, and do not leave it behind before the shelter.",
    model: "qwen3-4b",
    finishReason: "stop",
    usage: {
      promptTokens: 372,
      cachedTokens: 335,
      completionTokens: 58,
      reasoningTokens: 0,
      costMicros: 0,
      ttftMs: 140,
      decodeMs: 2300,
    },
  });
  TITLES.forEach((title, index) => {
    addConversation(world, me, { title, updatedAt: now - (index * index + 1) * 0.4 * DAY_MS, pinned: index === 3 });
  });
}

function addOperations(world: World, me: Account): void {
  const now = world.now();
  const owner = { id: me.person.id, name: me.person.name };
  const started = now - 5 * 3_600_000;
  world.replicas = (at) => {
    const second = Math.floor(at / 1000);
    // Busy and less busy by turns, so that a minute of it is a plot one can read.
    const generated = (index: number) => {
      const passed = (at - started) / 1000;
      return Math.round(24 * passed + 150 * Math.sin(passed / (7 + index * 2)));
    };
    return [0, 1].map((index) => ({
      id: `qwen3-4b-${index}`,
      model: "qwen3-4b",
      state: "ready" as const,
      pid: 4210 + index,
      startedAt: started,
      restarts: index,
      error: null,
      requestsRunning: (second + index) % 4,
      requestsWaiting: index === 0 ? second % 3 : 0,
      kvCells: { used: 12_000 + Math.round(9_000 * Math.sin(second / (11 - index * 4))), cached: 3100, total: 32_768 },
      prefixHitRatio: 0.71 - index * 0.09,
      tokens: { prompt: 212_000, cached: 151_000, generated: generated(index) },
      rssBytes: 3.4e9,
    }));
  };
  world.keys = ["invoice reader", "notebook of Rumi", "nightly report"].map((name, index) => ({
    id: `key_${index}`,
    name,
    prefix: `arr_${["9fQ2", "Lm4x", "Tz7b"][index]}`,
    state: "active",
    createdAt: now - (index + 2) * 9 * DAY_MS,
    revokedAt: null,
    owner,
    models: index === 2 ? ["qwen3-4b"] : null,
    requestsPerMinute: index === 0 ? 60 : null,
    tokensPerMinute: null,
    tokensPerDay: index === 2 ? 500_000 : null,
    budget: null,
    allowedRegions: null,
    expiresAt: index === 1 ? now + 30 * DAY_MS : null,
  }));
  for (let day = 29; day >= 0; day--) {
    for (const [index, name] of ["qwen3-4b", "qwen3-30b-a3b"].entries()) {
      const level = (Math.sin((day + index * 4) / 3.1) + 1.6) * (index === 0 ? 1 : 0.55);
      world.usage.push({
        day: new Date(now - day * DAY_MS).toISOString().slice(0, 10),
        user: owner,
        key: index === 0 ? null : { id: "key_0", name: "invoice reader" },
        model: name,
        requests: Math.round(level * 90),
        failures: day % 11 === 0 ? 1 : 0,
        promptTokens: Math.round(level * 71_000),
        cachedTokens: Math.round(level * 48_000),
        completionTokens: Math.round(level * 19_000),
        reasoningTokens: 0,
        costMicros: index === 0 ? 0 : Math.round(level * 71_000 * 0.09 + level * 19_000 * 0.42),
      });
    }
  }
  const actions = ["sign-in", "key.create", "member.invite", "member.role", "model.load", "sign-in.refused"];
  world.audit = actions.map((action, index) => ({
    id: `aud_${index}`,
    at: now - index * 3_100_000,
    actor: action === "sign-in.refused" ? null : owner,
    action,
    target: [me.person.email, "invoice reader", "rumi@altiplano.example", "Rumi Mamani", "qwen3-4b", me.person.email][index]!,
    detail: action === "member.role" ? { from: "member", to: "admin" } : {},
  }));
}

/** A server in the middle of its life, for screenshots and for tests that need something to look at. */
export function demoWorld(): { world: World; owner: Account } {
  const world = emptyWorld();
  world.models = structuredClone(MODELS);
  const owner = addAccount(world, OWNER.name, OWNER.email, OWNER.password);
  addAccount(world, "Rumi Mamani", "rumi@altiplano.example", "salar-de-uyuni").role = "admin";
  addAccount(world, "Nayra Choque", "nayra@altiplano.example", "salar-de-uyuni");
  addChats(world, owner);
  addOperations(world, owner);
  world.folders = [{ id: "fld_route", name: "Route planning", conversations: 0 }];
  world.prompts = [
    {
      id: "prm_1",
      name: "Plain words",
      text: "Rewrite this in plain words, short sentences, no jargon:\n\n",
      shared: true,
      own: true,
      updatedAt: 0,
    },
    {
      id: "prm_2",
      name: "Check a contract",
      text: "List each duty in this contract, who bears it, and by when.",
      shared: false,
      own: true,
      updatedAt: 0,
    },
  ];
  return { world, owner };
}
