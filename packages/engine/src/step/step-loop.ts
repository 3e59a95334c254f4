import { ArrieroError } from "@arriero/spec";
import { KvCache } from "../kv/kv-cache.ts";
import type { Runner } from "../runner/runner.ts";
import { logProbabilities } from "../sampling/log-probabilities.ts";
import { FairQueue } from "../schedule/fair-queue.ts";
import type { RunningView, StepPlan } from "../schedule/schedule.ts";
import { choosePreempted, planStep, prefillBudget } from "../schedule/schedule.ts";
import { admit } from "./admission.ts";
import type { SequenceJob } from "./sequence.ts";
import { Sequence } from "./sequence.ts";
import type { StepEvent, StepStats } from "./step-event.ts";

export interface StepLoopOptions {
  readonly maxRunning: number;
  readonly queueLimit: number;
  /** Time for prefill in one step beside running streams, in milliseconds; after a burst up to four times as much. */
  readonly stepMs: number;
  /** Bytes that idle prefixes may take outside of the KV cells. */
  readonly parkedBytes: number;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/** A batch index whose logits belong to a sequence. */
interface Output {
  readonly sequence: Sequence;
  readonly index: number;
}

/** The least chunk of prefill: below it the attention kernels work row by row and a long prompt costs twice as much. */
const MIN_PREFILL = 64;
/** Idle cells that are always left in place. */
const IDLE_CELLS = 1024;
/** Weight of the newest measurement in the moving average of prefill speed. */
const SPEED_WEIGHT = 0.3;

/**
 * The engine's heart. `step()` is schedule -> run -> sample -> emit; everything else is bookkeeping around it.
 * Owned by one thread; a sequence is in exactly one of `waiting` and `running`.
 */
export class StepLoop {
  readonly cache: KvCache;
  readonly #runner: Runner;
  readonly #options: StepLoopOptions;
  readonly #waiting: FairQueue<Sequence>;
  readonly #running = new Map<number, Sequence>();
  readonly #known = new Map<number, Sequence>();
  readonly #adapterTurns = new Map<string, number>();
  #events: StepEvent[] = [];
  #msPerPrefillToken: number | null = null;
  #admissions = 0;
  #lastPhase: "decode" | "prefill" = "decode";
  #counters = { promptTokens: 0, cachedTokens: 0, generatedTokens: 0, preemptions: 0, steps: 0 };

  constructor(runner: Runner, options: StepLoopOptions) {
    this.#runner = runner;
    this.#options = options;
    // What comes between two steps waits for the next one, also where places are free.
    this.#waiting = new FairQueue(options.queueLimit + options.maxRunning);
    this.cache = new KvCache(runner, options.parkedBytes);
  }

  get idle(): boolean {
    return this.#known.size === 0;
  }

  stats(): StepStats {
    return { running: this.#running.size, waiting: this.#waiting.size, cells: this.cache.usage(), ...this.#counters };
  }

  submit(job: SequenceJob): void {
    const sequence = new Sequence(job);
    if (!this.#waiting.push(sequence)) {
      const message = `${this.#waiting.size} sequences wait and ${this.#options.queueLimit} may`;
      this.#events.push({ kind: "failed", key: job.key, error: new ArrieroError("queue_full", message, { retryAfter: 1 }).body });
      return;
    }
    this.#known.set(job.key, sequence);
  }

  /** The caller left. What was computed stays as cache; no further event bears the key. */
  cancel(key: number): void {
    const sequence = this.#known.get(key);
    if (sequence !== undefined) this.#leave(sequence);
  }

  /** Advances everything that runs by one batch. Returns what happened since the last call. */
  step(): StepEvent[] {
    const plan = this.#schedule();
    if (plan !== null) {
      this.#makeWay();
      const outputs = this.#run(plan);
      for (const output of outputs) this.#sample(output);
    }
    return this.#emit();
  }

  #schedule(): StepPlan | null {
    if (this.#waiting.size > 0) {
      const admission = admit({
        waiting: this.#waiting,
        running: this.#running,
        cache: this.cache,
        maxRunning: Math.min(this.#options.maxRunning, this.#runner.limits.decodeTokens),
        pause: (victim) => this.#pause(victim),
      });
      for (const sequence of admission) this.#begin(sequence);
    }
    return planStep({
      running: this.#views(),
      adapterTurns: this.#adapterTurns,
      batchTokens: this.#runner.limits.batchTokens,
      mixesPhases: this.#runner.mixesPhases,
      mixesAdapters: this.#runner.mixesAdapters,
      lastPhase: this.#lastPhase,
      prefillBudget: prefillBudget(this.#options.stepMs, this.#msPerPrefillToken, MIN_PREFILL, this.#runner.limits.batchTokens),
    });
  }

  /** Where every cell in use slows a step, whoever holds it: if many lie idle beside running streams, some are parked. */
  #makeWay(): void {
    if (!this.#runner.idleCellsCost) return;
    const { cached, used } = this.cache.usage();
    this.cache.parkBeyond(Math.max(IDLE_CELLS, used - cached));
  }

  #run(plan: StepPlan): Output[] {
    const work = this.#reserve([...plan.decode.map((key) => ({ key, tokens: 1 })), ...plan.prefill]);
    if (work.length === 0) return [];
    // Those under one adapter stand together: what it adds is computed for all of them at once.
    work.sort((a, b) => compare(a.sequence.job.adapter, b.sequence.job.adapter));
    const started = this.#options.clock();
    this.#runner.begin();
    const outputs: Output[] = [];
    let total = 0;
    for (const { sequence, tokens } of work) {
      const lease = sequence.lease as NonNullable<typeof sequence.lease>;
      for (let i = 0; i < tokens; i++) {
        const position = lease.computed + i;
        const last = position === sequence.tokens.length - 1;
        const generated = position >= sequence.job.prompt.length;
        const index = this.#runner.add({
          token: sequence.tokens.at(position),
          position,
          sequence: lease.sequence,
          adapter: sequence.job.adapter,
          wantsLogits: last,
          generated,
        });
        if (last) outputs.push({ sequence, index });
      }
      total += tokens;
    }
    if (this.#runner.run() === "no-room")
      throw new ArrieroError("internal", `no KV cells for a step of ${total} tokens though they were reserved`);
    for (const { sequence, tokens } of work) {
      const lease = sequence.lease as NonNullable<typeof sequence.lease>;
      lease.computed += tokens;
      // Publish whole chunks of prefill at once, so that others waiting for the same prefix can go on.
      if (tokens > 1) this.cache.publish(lease, sequence.tokens.view());
      this.#waiting.charge(sequence.client, tokens);
    }
    this.#counters.steps++;
    this.#lastPhase = plan.prefill.length > 0 ? "prefill" : "decode";
    for (const { sequence } of work) this.#adapterTurns.set(sequence.job.adapter, this.#counters.steps);
    if (plan.prefill.length > 0 && total >= MIN_PREFILL) this.#measure((this.#options.clock() - started) / total);
    return outputs;
  }

  #sample({ sequence, index }: Output): void {
    if (sequence.lease === null || sequence.sampler === null) return;
    const logits = this.#runner.logits(index);
    const token = sequence.sampler.sample(logits, sequence.generated);
    if (token === null || this.#runner.isEndOfGeneration(token)) {
      this.#end(sequence, "stop");
      return;
    }
    const { key, logprobs, maxTokens } = sequence.job;
    this.#events.push(
      logprobs === null
        ? { kind: "token", key, token }
        : { kind: "token", key, token, ...logProbabilities(logits, token, logprobs) },
    );
    sequence.sampler.accept(token);
    sequence.tokens.push(token);
    this.#counters.generatedTokens++;
    if (sequence.generated >= maxTokens || sequence.tokens.length >= this.#runner.limits.cells) this.#end(sequence, "length");
  }

  #emit(): StepEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Makes room for the step's cells; pauses the least urgent where cutting cached prefixes is not enough. */
  #reserve(work: readonly { key: number; tokens: number }[]): { sequence: Sequence; tokens: number }[] {
    let left = work.flatMap(({ key, tokens }) => {
      const sequence = this.#running.get(key);
      return sequence === undefined ? [] : [{ sequence, tokens }];
    });
    // A sequence may begin a page with its first token, and have its last page copied since others hold it, too.
    const rest = 2 * (this.#runner.limits.pageCells - 1);
    while (
      !this.cache.reserve(
        left.reduce((sum, item) => sum + item.tokens, 0),
        left.length * rest,
      )
    ) {
      const keep = left[0]?.sequence.key ?? -1;
      const victim = choosePreempted(this.#views(), keep);
      if (victim === null) {
        // Alone and still too large: the context is full.
        for (const { sequence } of left) this.#end(sequence, "length");
        return [];
      }
      this.#pause(victim);
      left = left.filter((item) => item.sequence.lease !== null);
    }
    return left;
  }

  /** A sequence that was admitted: it has a lease. Gets its sampler and tells of its start once. */
  #begin(sequence: Sequence): void {
    sequence.admitted = ++this.#admissions;
    this.#running.set(sequence.key, sequence);
    try {
      this.#runner.prepare(sequence.job.adapter);
      sequence.sampler ??= this.#createSampler(sequence.job);
    } catch (thrown) {
      this.#events.push({ kind: "failed", key: sequence.key, error: ArrieroError.wrap(thrown).body });
      this.#leave(sequence);
      return;
    }
    if (sequence.announced) return;
    sequence.announced = true;
    const cachedTokens = sequence.lease?.cachedTokens ?? 0;
    this.#counters.promptTokens += sequence.job.prompt.length;
    this.#counters.cachedTokens += Math.min(cachedTokens, sequence.job.prompt.length);
    this.#events.push({ kind: "start", key: sequence.key, cachedTokens: Math.min(cachedTokens, sequence.job.prompt.length) });
  }

  #createSampler(job: SequenceJob) {
    const sampler = this.#runner.createSampler(job);
    const remembered = Math.max(job.sampling.penaltyLastN, job.sampling.dry?.lastN ?? 0);
    for (const token of job.prompt.subarray(Math.max(0, job.prompt.length - remembered))) sampler.acceptPrompt(token);
    for (const token of job.replay) {
      if (!sampler.allows(token)) {
        sampler.dispose();
        throw new ArrieroError("invalid_request", `the grammar does not allow token ${token} of resume.tokens`, {
          param: "resume.tokens",
        });
      }
      sampler.accept(token);
    }
    return sampler;
  }

  #end(sequence: Sequence, reason: "stop" | "length"): void {
    this.#events.push({ kind: "end", key: sequence.key, reason });
    this.#leave(sequence);
  }

  #leave(sequence: Sequence): void {
    this.#known.delete(sequence.key);
    if (!this.#running.delete(sequence.key)) this.#waiting.remove(sequence);
    if (sequence.lease !== null) this.cache.rest(sequence.lease, sequence.tokens.view());
    sequence.lease = null;
    sequence.sampler?.dispose();
    sequence.sampler = null;
  }

  /** Gives up a sequence's place but not its work: its cells rest as cache until someone needs them. */
  #pause(key: number): void {
    const sequence = this.#running.get(key);
    if (sequence?.lease == null) return;
    this.#running.delete(key);
    this.cache.rest(sequence.lease, sequence.tokens.view());
    sequence.lease = null;
    this.#waiting.pushFront(sequence);
    this.#counters.preemptions++;
  }

  #views(): RunningView[] {
    return [...this.#running.values()].map((sequence) => ({
      key: sequence.key,
      priority: sequence.priority,
      adapter: sequence.job.adapter,
      prefillLeft: sequence.prefillLeft,
      admitted: sequence.admitted,
    }));
  }

  #measure(msPerToken: number): void {
    this.#msPerPrefillToken =
      this.#msPerPrefillToken === null ? msPerToken : this.#msPerPrefillToken * (1 - SPEED_WEIGHT) + msPerToken * SPEED_WEIGHT;
  }
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
