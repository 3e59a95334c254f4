import type { UseReport, UseStanding } from "../limits/use-report.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What is kept of a key in each case, once nobody uses it. */
const KEPT_MS = { minute: 2 * MINUTE_MS, day: 2 * DAY_MS, month: 40 * DAY_MS };
/** Arguments of each key, and numbers answered for each. */
const ARGUMENTS = 8;
const ANSWERS = 4;

/**
 * Takes what was used out of each key's buckets and adds it to its sums, in Redis' own time: what limits/token-bucket.ts
 * does with a clock. A bucket of a rule that is not there has rate 0. Sums of an older day or period make way for new ones.
 */
const SCRIPT = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local answers = {}
for i, key in ipairs(KEYS) do
  local a = (i - 1) * ${ARGUMENTS}
  local had = redis.call('HMGET', key, 'at', 'requests', 'tokens', 'day', 'dayTokens', 'period', 'micros')
  local passed = math.max(now - (tonumber(had[1]) or now), 0)
  local function level(before, rate, used)
    if rate == 0 then return 0 end
    return math.min((tonumber(before) or rate) + passed * rate / ${MINUTE_MS}, rate) - used
  end
  local function sum(had_name, had_sum, name, used)
    if name == '' then return 0, '' end
    if had_name == name then return (tonumber(had_sum) or 0) + used, name end
    -- A gateway whose clock is behind does not end what others count.
    if had_name and #had_name == #name and had_name > name then return 0, had_name, tonumber(had_sum) end
    return used, name
  end
  local rate, used, tokenRate, tokens = tonumber(ARGV[a+1]), tonumber(ARGV[a+2]), tonumber(ARGV[a+3]), tonumber(ARGV[a+4])
  local requests = level(had[2], rate, used)
  local tokensLeft = level(had[3], tokenRate, tokens)
  local dayTokens, day, keptTokens = sum(had[4], had[5], ARGV[a+5], tokens)
  local micros, period, keptMicros = sum(had[6], had[7], ARGV[a+6], tonumber(ARGV[a+7]))
  redis.call('HSET', key, 'at', now, 'requests', tostring(requests), 'tokens', tostring(tokensLeft),
    'day', day, 'dayTokens', tostring(keptTokens or dayTokens), 'period', period, 'micros', tostring(keptMicros or micros))
  redis.call('PEXPIRE', key, ARGV[a+8])
  for _, number in ipairs({ requests, tokensLeft, dayTokens, micros }) do answers[#answers+1] = tostring(number) end
end
return answers
`;

export type KeyReport = readonly [keyId: string, report: UseReport];

/** One command for several keys. */
export function useCommand(reports: readonly KeyReport[]): string[] {
  const keys = reports.map(([id]) => `arriero:use:${id}`);
  return ["EVAL", SCRIPT, String(keys.length), ...keys, ...reports.flatMap(([, report]) => argumentsOf(report))];
}

/** Of each of the reports, in their order. Throws where the answer has another shape. */
export function useStandings(answer: unknown, reports: readonly KeyReport[]): UseStanding[] {
  if (!Array.isArray(answer) || answer.length !== reports.length * ANSWERS) throw new Error("Redis answered something else");
  const numbers = answer.map(Number);
  return reports.map((_, index) => {
    const [requests = 0, tokens = 0, tokensToday = 0, micros = 0] = numbers.slice(index * ANSWERS, (index + 1) * ANSWERS);
    return { requests, tokens, tokensToday, micros };
  });
}

function argumentsOf(report: UseReport): string[] {
  const { day, micros, period, requests, requestsPerMinute, tokens, tokensPerMinute } = report;
  const kept = period !== null ? KEPT_MS.month : day !== null ? KEPT_MS.day : KEPT_MS.minute;
  return [requestsPerMinute ?? 0, requests, tokensPerMinute ?? 0, tokens, day ?? "", period ?? "", micros, kept].map(String);
}
