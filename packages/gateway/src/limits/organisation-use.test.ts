import type { Spending } from "@arriero/store";
import { expect, it } from "vitest";
import { LOCAL, staticKey } from "../http/principal.ts";
import { allBudgets, budgetsOf } from "./organisation-budgets.ts";
import { OrganisationUse } from "./organisation-use.ts";
import { toldBudget } from "./spent-budget.ts";

const NOW = Date.UTC(2026, 11, 31, 23);
const spent: Spending = { day: { tokens: 10, micros: 100 }, month: { tokens: 500, micros: 9000 } };
const use = (asked: string[] = []) =>
  new OrganisationUse({ now: () => NOW }, async (longest) => {
    asked.push(longest);
    return spent;
  });
const tokens = (most: number, period: "day" | "month") => ({ tokens: most, period });
const money = (most: number, period: "day" | "month") => ({ micros: most, period });

it("holds each budget against the sum of its own period and unit", async () => {
  const all = use();
  await all.enter([tokens(11, "day"), tokens(501, "month"), money(101, "day"), money(9001, "month")]);
  await expect(all.enter([money(9001, "month"), tokens(10, "day")])).rejects.toMatchObject({
    code: "budget_exceeded",
    status: 402,
    message: "The organisation has used 10 of its 10 tokens a day (UTC).",
  });
  await expect(all.enter([tokens(11, "day"), tokens(500, "month")])).rejects.toThrow("500 of its 500 tokens a month");
  await expect(all.enter([tokens(11, "day"), money(9000, "month")])).rejects.toThrow("0.009 of its budget of 0.009 a month");
  await expect(all.enter([tokens(0, "day")])).rejects.toThrow("0 tokens a day");
});

it("asks no more of the ledger than the longest period wants", async () => {
  const asked: string[] = [];
  const all = use(asked);
  await all.enter([tokens(11, "day")]);
  await all.enter([tokens(11, "day")]);
  await all.enter([tokens(11, "day"), money(9001, "month")]);
  expect(asked).toEqual(["day", "month"]);
});

it("counts what runs before it is in the ledger", async () => {
  const all = use();
  const most = [tokens(12, "day")];
  await all.enter(most);
  all.add({ tokens: 2, micros: 0 });
  expect(all.isIdle).toBe(false);
  await expect(all.enter(most)).rejects.toThrow("12 of its 12");
  expect(await all.of([...most, tokens(900, "month"), money(1, "day")])).toEqual([12, 502, 100]);
});

it("joins what the store keeps and what the configuration says, for all but who runs the server", () => {
  const kept = { budget: money(1, "day"), tokenBudget: null };
  const said = { budget: null, tokenBudget: tokens(2, "month") };
  expect(allBudgets(kept, said)).toEqual([money(1, "day"), tokens(2, "month")]);
  expect(allBudgets(null, null)).toEqual([]);
  const rules = { ...kept, residency: { allowedRegions: null, dataClass: null, allowUndefinedBoundary: null } };
  const configured = new Map([["default", said]]);
  expect(budgetsOf({ ...LOCAL, kind: "key", rules }, configured)).toHaveLength(2);
  expect(budgetsOf({ ...LOCAL, kind: "person" }, configured)).toEqual([tokens(2, "month")]);
  for (const owner of [LOCAL, staticKey("k")]) expect(budgetsOf({ ...owner, rules }, configured)).toEqual([]);
});

it("tells when a budget begins anew", () => {
  const told = { unit: "tokens", most: 5, used: 4, period: "day", endsAt: Date.UTC(2027, 0, 1) };
  expect(toldBudget(tokens(5, "day"), 4, NOW)).toEqual(told);
  expect(toldBudget(money(5, "month"), 4.4, NOW)).toEqual({ ...told, unit: "money", period: "month" });
});
