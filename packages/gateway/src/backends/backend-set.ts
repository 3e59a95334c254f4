import { isDeepStrictEqual } from "node:util";
import { type Clock, NoticeWatch, noticeSource } from "@arriero/fleet";
import type { BackendDescription, ResidencyPolicy, RoutedModel } from "@arriero/spec";
import type { PrefixAffinity, RequestMarks } from "../affinity/prefix-affinity.ts";
import { isEjected, NO_OUTLIERS, type OutlierState, reduceOutliers } from "../health/outlier-ejection.ts";
import { countRequest, newRetryBudget, type RetryBudget, takeRetry } from "../health/retry-budget.ts";
import type { BackendSnapshot } from "../routing/backend-snapshot.ts";
import { explain } from "../routing/explain.ts";
import { noBackend } from "../routing/no-backend.ts";
import { pickBackend } from "../routing/pick-backend.ts";
import { auditDecision, type RoutingAudit } from "../routing/routing-audit.ts";
import type { RoutingRequest } from "../routing/routing-request.ts";
import type { BackendServices } from "../upstream/backend/backend.ts";
import type { LentUpstream, PickUpstream } from "../upstream/continuation.ts";
import { OpenAiUpstream } from "../upstream/openai/openai-upstream.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { BackendHealth, type BackendWork } from "./backend-health.ts";
import { connectBackend } from "./connect-backend.ts";
import type { RoutingNeeds } from "./routing-needs.ts";
import { WatchedUpstream } from "./watched-upstream.ts";

/** How often success rates are compared. */
const OUTLIER_INTERVAL_MS = 10_000;

interface Member {
  readonly backend: BackendDescription;
  readonly health: BackendHealth;
  /** null: replicas of this server. */
  readonly upstream: Upstream | null;
  /** null: its end is not told beforehand. */
  readonly watch: NoticeWatch | null;
}

/** A backend that was asked without waiting. Its work is to be ended. */
export interface LentNow {
  readonly id: string;
  readonly upstream: OpenAiUpstream;
  readonly work: BackendWork;
}

export interface BackendSetOptions {
  readonly services: BackendServices;
  /** Attempts at replicas of this server, for one request. */
  replicas(model: string, signal: AbortSignal, marks: RequestMarks | null): PickUpstream;
  readonly affinity: PrefixAffinity;
  /** Silence that counts as a stall until a backend's own habit is known, and the longest ever; milliseconds. */
  readonly idleMs: () => number;
  /** From 0 up to 1. */
  readonly draw: () => number;
}

/** The backends of one model: what is known of each, and which of them the next attempt goes to. */
export class BackendSet {
  readonly model: RoutedModel;
  readonly #options: BackendSetOptions;
  readonly #members: readonly Member[];
  #outliers: OutlierState;
  #outliersComparedAt: number;
  #retries: RetryBudget;
  #turn = 0;

  /** @param before the model's backends until now: what is known of those that stay as they are is kept */
  constructor(model: RoutedModel, options: BackendSetOptions, before: BackendSet | null = null) {
    this.model = model;
    this.#options = options;
    const now = options.services.clock.now();
    this.#members = model.backends.map((backend) => {
      const kept = before === null || before.model.name !== model.name ? undefined : before.#memberLike(backend);
      if (kept !== undefined) return kept;
      const health = new BackendHealth(backend, now, options.idleMs);
      const watch = backend.notice === null ? null : new NoticeWatch(noticeSource(backend.notice), options.services.clock);
      return { backend, health, watch, upstream: connectBackend(options.services, model, backend, () => health.stallMs) };
    });
    const ids = model.backends.map(({ id }) => id);
    this.#outliers = reduceOutliers(before === null ? NO_OUTLIERS : before.#outliers, { kind: "members", ids }, now);
    this.#outliersComparedAt = now;
    this.#retries = before === null ? newRetryBudget(now) : before.#retries;
  }

  /** A request begins: it earns a share of a retry. */
  begin(): void {
    this.#retries = countRequest(this.#retries, this.#clock.now());
  }

  /** Whether all requests together may try once more. */
  mayRetry(): boolean {
    const taken = takeRetry(this.#retries, this.#clock.now());
    if (taken === null) return false;
    this.#retries = taken;
    return true;
  }

  /**
   * Chooses for the attempts of one request. Every attempt asks all rules again, with what has failed left out.
   *
   * @param onPick told the id of each backend chosen
   * @param onDecision told what each choice was between
   */
  picker(
    needs: RoutingNeeds,
    residency: ResidencyPolicy,
    signal: AbortSignal,
    onPick: (id: string) => void,
    onDecision: (audit: RoutingAudit) => void = () => undefined,
  ): PickUpstream {
    const turn = this.#turn++;
    const replicas = new Map<string, PickUpstream>();
    const { marks, ...wanted } = needs;
    return async (avoid, patienceMs) => {
      const now = this.#clock.now();
      const failed = this.#members.flatMap(({ backend, upstream }) =>
        upstream !== null && (avoid.get(upstream.id) ?? 0) > now ? [backend.id] : [],
      );
      const busy: Member[] = [];
      for (;;) {
        const request: RoutingRequest = {
          ...wanted,
          residency,
          budgetLeftMicros: null,
          avoided: [...failed, ...busy.map(({ backend }) => backend.id)],
        };
        const chance = { turn, draw: this.#options.draw() };
        const snapshots = this.#snapshots(marks);
        const picked = pickBackend(this.model, request, snapshots, chance);
        const member = this.#members.find(({ backend }) => backend.id === picked?.backend.id);
        const decide = ({ backend }: Member): void =>
          onDecision(auditDecision(this.model, { ...request, avoided: failed }, snapshots, backend.id));
        if (member === undefined) {
          const [waited] = busy;
          if (waited === undefined) {
            onDecision(auditDecision(this.model, request, snapshots, null));
            throw noBackend(this.model.name, explain(this.model, request, snapshots, chance));
          }
          decide(waited);
          // Nobody else may take it: then replicas are worth waiting for.
          return this.#lend(waited, needs, await this.#replicas(replicas, waited, signal, marks)(avoid, patienceMs), onPick);
        }
        if (member.upstream !== null) {
          decide(member);
          return this.#lend(member, needs, { upstream: member.upstream, release: () => undefined }, onPick);
        }
        const free = await this.#replicas(replicas, member, signal, marks)(avoid, 0).catch(() => null);
        if (free !== null) {
          decide(member);
          return this.#lend(member, needs, free, onPick);
        }
        signal.throwIfAborted();
        busy.push(member);
      }
    };
  }

  /**
   * The backend of a request's first attempt, where nothing of the choice is out of the ordinary: it is asked over OpenAI's
   * dialect, its answers are short enough to be asked for whole, and nobody says that it will be gone. null: it is not so,
   * and `picker` chooses; nothing has changed.
   */
  lendNow(needs: RoutingNeeds, residency: ResidencyPolicy, onDecision: (audit: RoutingAudit) => void): LentNow | null {
    const { adapter, marks, outputTokens, promptTokens } = needs;
    const request: RoutingRequest = {
      class: needs.class,
      needs: needs.needs,
      promptTokens,
      outputTokens,
      adapter,
      residency,
      budgetLeftMicros: null,
      avoided: [],
    };
    const snapshots = this.#snapshots(marks);
    const picked = pickBackend(this.model, request, snapshots, { turn: this.#turn, draw: this.#options.draw() });
    const member = this.#members.find(({ backend }) => backend.id === picked?.backend.id);
    if (!(member?.upstream instanceof OpenAiUpstream) || !member.upstream.isAtHand) return null;
    if (member.watch !== null || member.health.wholeMs === 0) return null;
    this.#turn++;
    const { backend, upstream } = member;
    onDecision(auditDecision(this.model, request, snapshots, backend.id));
    if (marks !== null && this.#members.length > 1) this.#options.affinity.sent(upstream.id, marks);
    return { id: backend.id, upstream, work: this.#begin(member, promptTokens + outputTokens) };
  }

  #memberLike(backend: BackendDescription): Member | undefined {
    return this.#members.find((member) => isDeepStrictEqual(member.backend, backend));
  }

  get #clock(): Clock {
    return this.#options.services.clock;
  }

  #snapshots(marks: RequestMarks | null): BackendSnapshot[] {
    const now = this.#clock.now();
    if (now - this.#outliersComparedAt >= OUTLIER_INTERVAL_MS) {
      this.#outliers = reduceOutliers(this.#outliers, { kind: "interval" }, now);
      this.#outliersComparedAt = now;
    }
    return this.#members.map((member) => {
      const { backend, health, watch } = member;
      // A backend under notice has no work, and nobody who asks: so whoever chooses has it asked.
      void watch?.fresh();
      const ejected = isEjected(this.#outliers, backend.id, now);
      return health.snapshot(now, ejected, watch?.isPending ?? false, this.#held(member, marks));
    });
  }

  /** Where there is no choice nobody need know. */
  #held({ backend, upstream }: Member, marks: RequestMarks | null): { prefixTokens: number; adapters: readonly string[] } {
    if (marks === null || this.#members.length < 2) return { prefixTokens: 0, adapters: [] };
    const { affinity } = this.#options;
    if (upstream !== null) return { prefixTokens: affinity.tokensHeld(upstream.id, marks), adapters: [] };
    return affinity.heldByReplicas(backend.model, marks);
  }

  #replicas(
    known: Map<string, PickUpstream>,
    { backend }: Member,
    signal: AbortSignal,
    marks: RequestMarks | null,
  ): PickUpstream {
    const pick = known.get(backend.id) ?? this.#options.replicas(backend.model, signal, marks);
    known.set(backend.id, pick);
    return pick;
  }

  #lend(member: Member, needs: RoutingNeeds, lent: LentUpstream, onPick: (id: string) => void): LentUpstream {
    const { backend, upstream, watch } = member;
    onPick(backend.id);
    if (upstream !== null && needs.marks !== null && this.#members.length > 1)
      this.#options.affinity.sent(upstream.id, needs.marks);
    const work = this.#begin(member, needs.promptTokens + needs.outputTokens);
    // Our replicas are asked under the stored model's name; other clients translate it themselves.
    const watched = new WatchedUpstream(lent.upstream, work, upstream === null ? backend.model : null, this.#clock);
    const leave = watch?.hold();
    return {
      upstream: watched,
      name: backend.id,
      notice: eitherNotice(lent.notice, watch?.signal),
      release: () => {
        leave?.();
        work.end({ kind: "left" }, this.#clock.now());
        lent.release();
      },
    };
  }

  #begin({ backend: { id }, health }: Member, tokens: number): BackendWork {
    return health.begin(tokens, this.#clock.now(), (ok, at) => {
      this.#outliers = reduceOutliers(this.#outliers, { kind: "result", id, ok }, at);
    });
  }
}

function eitherNotice(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one === undefined || other === undefined ? (one ?? other) : AbortSignal.any([one, other]);
}
