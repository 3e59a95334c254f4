import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "./fuzz-random.ts";
import { type Answer, type AnswerForm, FORMS, type Outcome, readOutcome } from "./kill-requests.ts";
import { eventually, type RunningServer, startServer } from "./running-server.ts";

/** `npm run soak -- kills` asks for 1,000, `npm run soak -- kills=100` for so many. */
const SOAK = process.env["ARRIERO_SOAK"] === "1";
const KILLS = Number(process.env["ARRIERO_SOAK_KILLS"] ?? (SOAK ? 1000 : 5));
const VARIANTS = SOAK ? 3 : 1;
const SEED = Number(process.env["ARRIERO_SOAK_SEED"] ?? Date.now() % 1_000_000);
const CLIENTS = 6;
/** From choosing a replica to its end: an answer takes about so long. */
const LATEST_KILL_MS = 600;
/** Between two looks at the replicas: they have better to do. */
const LOOK_MS = 60;
const DEADLINE_MS = 60 * 60_000;

interface ReplicaView {
  readonly id: string;
  readonly state: string;
  readonly pid: number;
  readonly outstanding: number;
}

let server: RunningServer;
let ownersKey = "";
beforeAll(async () => {
  server = await startServer(["--require-key", "--replicas", "2"]);
  ownersKey = readFileSync(join(server.home, "keys/api-keys"), "utf8").trim();
}, 240_000);
afterAll(async () => {
  await server.stop();
  rmSync(server.home, { recursive: true, force: true, maxRetries: 50, retryDelay: 200 });
}, 240_000);

async function ask(form: AnswerForm, variant: number, id: string): Promise<Outcome> {
  const headers = { "content-type": "application/json", "x-request-id": id, ...authorized() };
  const body = JSON.stringify(form.body(variant));
  try {
    return await readOutcome(await fetch(server.url + form.path, { method: "POST", headers, body }));
  } catch (thrown) {
    return { kind: "broken", why: String(thrown) };
  }
}

const authorized = () => ({ authorization: `Bearer ${ownersKey}` });

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(server.url + path, { headers: authorized() })).json()) as T;
}

const replicas = () => get<readonly ReplicaView[]>("/arriero/v1/replicas");

/** A form's account: what its callers got. */
class Account {
  readonly form: AnswerForm;
  readonly expected: Answer[] = [];
  readonly broken: string[] = [];
  /** Request ids with what was not the same. */
  readonly different = new Map<string, string>();
  /** Request ids with what their callers were told that they cost. */
  readonly told = new Map<string, Cost>();
  equal = 0;

  constructor(form: AnswerForm) {
    this.form = form;
  }

  note(id: string, outcome: Outcome, variant: number): void {
    if (outcome.kind === "broken") {
      this.told.set(id, { promptTokens: 0, completionTokens: 0 });
      this.broken.push(outcome.why);
      return;
    }
    this.told.set(id, costOf(outcome.answer));
    const expected = this.expected[variant];
    if (expected === undefined || isDeepStrictEqual(outcome.answer, expected)) this.equal++;
    else this.different.set(id, `variant ${variant}: ${firstDifference(outcome.answer, expected)}`);
  }
}

function firstDifference(a: Answer, b: Answer): string {
  for (const [index, choice] of b.choices.entries()) {
    const got = a.choices[index];
    for (const part of ["text", "calls", "logprobs", "finish"] as const) {
      if (isDeepStrictEqual(got?.[part], choice[part])) continue;
      const [found, wanted] = [String(got?.[part]), String(choice[part])];
      let at = 0;
      while (found[at] === wanted[at] && at < wanted.length) at++;
      const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 10), at + 30));
      return `${part} of choice ${index} from character ${at} of ${wanted.length}: ${around(found)} instead of ${around(wanted)}`;
    }
  }
  return `its usage: ${JSON.stringify(costOf(a))} instead of ${JSON.stringify(costOf(b))}`;
}

test(
  `${KILLS} kills at random moments: every answer whole, as it would have been, and billed once`,
  async () => {
    console.log(`kills: seed ${SEED}`);
    const random = new Random(SEED);
    const accounts = FORMS.map((form) => new Account(form));
    let asked = 0;
    const request = async (account: Account, variant: number): Promise<Outcome> => {
      const id = `kill-${asked++}`;
      const outcome = await ask(account.form, variant, id);
      account.note(id, outcome, variant);
      return outcome;
    };
    for (const account of accounts) {
      for (let variant = 0; variant < VARIANTS; variant++) {
        const outcome = await request(account, variant);
        if (outcome.kind === "broken") throw new Error(`${account.form.name}: ${outcome.why}`);
        account.expected.push(outcome.answer);
      }
    }
    const unbroken = asked;

    let kills = 0;
    let next = 0;
    /** Killed, be it that the supervisor has seen it or not. */
    const dead = new Set<number>();
    const backAfter: number[] = [];
    const returns: Promise<void>[] = [];
    const client = async () => {
      while (kills < KILLS) {
        const turn = next++;
        const account = accounts[turn % accounts.length]!;
        await request(account, Math.floor(turn / accounts.length) % VARIANTS);
      }
    };
    const killer = async () => {
      while (kills < KILLS) {
        const victim = await eventually(
          async () => {
            await wait(LOOK_MS);
            const ready = (await replicas()).filter(({ pid, state }) => state === "ready" && !dead.has(pid));
            const serving = ready.filter(({ outstanding }) => outstanding > 0);
            return ready.length > 1 && serving.length > 0 ? random.pick(serving) : null;
          },
          "two replicas, one of them serving",
          120_000,
        );
        await wait(random.integer(LATEST_KILL_MS));
        process.kill(victim.pid, "SIGKILL");
        dead.add(victim.pid);
        kills++;
        const at = performance.now();
        const back = async () => {
          await wait(LOOK_MS);
          return (await replicas()).some(({ id, pid, state }) => id === victim.id && pid !== victim.pid && state === "ready");
        };
        returns.push(eventually(back, "the replica to be back", 120_000).then(() => void backAfter.push(performance.now() - at)));
      }
    };
    const started = performance.now();
    await Promise.all([killer(), ...Array.from({ length: CLIENTS }, client)]);
    await Promise.all(returns);
    const seconds = (performance.now() - started) / 1000;

    const billed = await eventually(
      async () => {
        const { total } = await get<{ total: Billed }>("/arriero/v1/usage");
        return total.requests >= asked ? total : null;
      },
      "every request in the ledger",
      60_000,
    );
    const logged = await eventually(
      () => {
        const lines = loggedRequests(readFileSync(join(server.home, "logs/arriero.log"), "utf8"));
        return lines.length >= asked ? lines : null;
      },
      "every request in the log",
      60_000,
    );
    /** Requests whose answer was continued on another replica, and how often. */
    const continued = new Map(
      logged.flatMap(({ continuations, requestId }) => (continuations > 0 ? [[requestId, continuations]] : [])),
    );
    const times = [...continued.values()].reduce((sum, each) => sum + each, 0);
    console.log(table(accounts, continued));
    backAfter.sort((a, b) => a - b);
    const ms = (share: number) => Math.round(backAfter[Math.min(backAfter.length - 1, Math.floor(backAfter.length * share))]!);
    console.log(
      `kills ${kills} in ${seconds.toFixed(0)} s under ${asked - unbroken} answers; ${continued.size} of them lost a replica, ` +
        `${times} times in all; a replica is back after p50 ${ms(0.5)} ms, p95 ${ms(0.95)} ms, worst ${ms(1)} ms`,
    );
    const told = new Map(accounts.flatMap((account) => [...account.told]));
    const sums = { requests: asked, failures: 0, ...sumOf([...told.values()]) };
    console.log(`told to the callers ${JSON.stringify(sums)}; in the ledger ${JSON.stringify(billed)}`);

    expect(accounts.flatMap(({ broken, form }) => broken.map((why) => `${form.name}: ${why}`))).toEqual([]);
    expect(
      accounts.flatMap(({ different, form }) =>
        [...different].map(([id, what]) => `${form.name}, ${id}, continued ${continued.get(id) ?? 0} times: ${what}`),
      ),
    ).toEqual([]);
    expect(continued.size).toBeGreaterThan(0);
    expect(new Map(logged.map(({ requestId, ...line }) => [requestId, costOf(line)]))).toEqual(told);
    expect(billed).toMatchObject(sums);
  },
  DEADLINE_MS,
);

interface Cost {
  readonly promptTokens: number;
  readonly completionTokens: number;
}
type Billed = Cost & { readonly requests: number; readonly failures: number };

const costOf = ({ completionTokens, promptTokens }: Cost): Cost => ({ promptTokens, completionTokens });

function sumOf(costs: readonly Cost[]): Cost {
  const sum = (of: (cost: Cost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
  return { promptTokens: sum((cost) => cost.promptTokens), completionTokens: sum((cost) => cost.completionTokens) };
}

/** The access log's lines of our requests: what was counted of each, and how often it lost its replica. */
function loggedRequests(log: string): (Cost & { readonly requestId: string; readonly continuations: number })[] {
  const lines = log.split("\n").filter((line) => line.includes('"requestId":"kill-'));
  return lines.map((line) => JSON.parse(line));
}

function table(accounts: readonly Account[], continued: ReadonlyMap<string, number>): string {
  const rows = accounts.map(({ broken, equal, form, told }) => {
    const lost = [...told.keys()].filter((id) => continued.has(id)).length;
    return `| ${form.name} | ${told.size} | ${lost} | ${told.size - broken.length} | ${equal} |`;
  });
  return [
    "| form | answers | of which lost a replica | whole | equal to the unbroken one |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}
