import { ArrieroError, type ChatMessage, type ToolDefinition } from "@arriero/spec";
import { describe, expect, it } from "vitest";
import { ChatTemplate } from "./template.ts";

const NOW = new Date("2026-03-09T14:05:00Z");
const tokens = { bosToken: "<s>", eosToken: "</s>" };
const template = (source: string | null) => new ChatTemplate(source, tokens);
const user = (content: string): ChatMessage => ({ role: "user", content });

const TOOLS: readonly ToolDefinition[] = [
  { name: "now", description: "the time", parameters: { type: "object", properties: { tz: { type: "string" } } } },
];
const CALLED: readonly ChatMessage[] = [
  user("time?"),
  { role: "assistant", content: "", toolCalls: [{ id: "call_0123456789", name: "now", arguments: '{"tz":"UTC"}' }] },
  { role: "tool", toolCallId: "call_0123456789", content: "noon" },
];

const TURN =
  "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";
const NATIVE =
  "{% if tools %}TOOLS{{ tools | tojson }}{% endif %}{% for m in messages %}[{{ m.role }}]{{ m.content }}" +
  '{% for c in m.tool_calls or [] %}<tool_call>{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}</tool_call>{% endfor %}{% endfor %}' +
  "{% if add_generation_prompt %}[assistant]{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}";

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ArrieroError);
    return `${(thrown as ArrieroError).code}: ${(thrown as ArrieroError).message}`;
  }
  return "no error";
}

describe("ChatTemplate", () => {
  it("falls back to ChatML", () => {
    const chat = template(null);
    expect(chat.isFallback).toBe(true);
    expect(chat.render([{ role: "system", content: "Be kind." }, user("Hi")], { now: NOW })).toEqual({
      prompt: "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
      reasoning: null,
    });
    expect(chat.render([user("Hi")], { now: NOW, addGenerationPrompt: false }).prompt).toBe("<|im_start|>user\nHi<|im_end|>\n");
  });

  it("gives the template its tokens, the date in UTC and what it asks for", () => {
    const chat = template(`${TURN}{{ eos_token }}{{ strftime_now("%d %b %Y %H:%M") }}{{ range(3) | join(",") }}`);
    expect(chat.render([user("Hi")], { now: NOW }).prompt).toBe("<s>[user]Hi[assistant]</s>09 Mar 2026 14:050,1,2");
  });

  it("folds system text into the user's for templates without that role", () => {
    const chat = template(
      "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}[{{ m.role }}]{{ m.content }}{% endfor %}",
    );
    expect(chat.abilities.system).toBe(false);
    expect(chat.render([{ role: "system", content: "Be kind." }, user("Hi")], { now: NOW }).prompt).toBe("[user]Be kind.\n\nHi");
    expect(chat.render([{ role: "system", content: "Be kind." }], { now: NOW }).prompt).toBe("[user]Be kind.");
  });

  it("writes content as parts for templates that only take those", () => {
    const chat = template(
      "{% for m in messages %}[{{ m.role }}]{% for part in m.content %}{{ part.text }}{% endfor %}{% endfor %}",
    );
    expect(chat.abilities.content).toBe("parts");
    expect(chat.render([user("Hi")], { now: NOW }).prompt).toBe("[user]Hi");
  });

  it("passes tools, calls and results to a template that takes them", () => {
    const chat = template(NATIVE);
    expect([chat.abilities.tools, chat.toolFormat.name]).toEqual([true, "hermes"]);
    const { prompt } = chat.render(CALLED, { tools: TOOLS, now: NOW });
    expect(prompt).toContain('TOOLS[{"type": "function", "function": {"name": "now"');
    expect(prompt).toContain(
      '[user]time?[assistant]<tool_call>{"name": "now", "arguments": {"tz": "UTC"}}</tool_call>[tool]noon[assistant]',
    );
    expect(chat.render([user("Hi")], { now: NOW }).prompt).toBe("[user]Hi[assistant]");
  });

  it("hands arguments over as text where an object would not be written as JSON", () => {
    const chat = template(
      NATIVE.replace(
        "c.function.arguments | tojson",
        "'' ~ (c.function.arguments if c.function.arguments is string else raise_exception('text wanted'))",
      ),
    );
    expect([chat.abilities.tools, chat.abilities.callArguments]).toEqual([true, "string"]);
    expect(chat.render(CALLED, { tools: TOOLS, now: NOW }).prompt).toContain('"arguments": {"tz":"UTC"}');
  });

  it("fills in descriptions for templates that trip over missing ones", () => {
    const chat = template(`{% for t in tools or [] %}{{ t.function.description | trim }}{% endfor %}${NATIVE}`);
    expect([chat.abilities.tools, chat.abilities.descriptions]).toEqual([true, "filled"]);
    const bare = { name: "bare", parameters: { type: "object", properties: { a: { type: "null" }, b: true } } };
    expect(chat.render([user("Hi")], { tools: [bare], now: NOW }).prompt).toContain(
      '"properties": {"a": {"type": "null", "description": ""}, "b": true}',
    );
    expect(template(NATIVE).abilities.descriptions).toBe("given");
  });

  it("shortens call ids for templates that want nine characters", () => {
    const strict = NATIVE.replace(
      "{% for c in m.tool_calls or [] %}",
      "{% for c in m.tool_calls or [] %}{% if c.id | length != 9 %}{{ raise_exception('nine') }}{% endif %}#{{ c.id }}",
    );
    const chat = template(strict.replace("[{{ m.role }}]", "[{{ m.role }}{{ m.tool_call_id }}]"));
    expect(chat.abilities.callIds).toBe("short");
    const ids = /#(\w{9})<tool_call>.*\[tool(\w{9})\]/.exec(chat.render(CALLED, { tools: TOOLS, now: NOW }).prompt)!;
    expect(ids[1]).toBe(ids[2]);
  });

  it("teaches the generic format to a template without tools, and writes past calls in it", () => {
    const chat = template(TURN);
    expect([chat.abilities.tools, chat.toolFormat.name]).toEqual([false, "hermes"]);
    const { prompt } = chat.render(
      [{ role: "system", content: "Be kind." }, ...CALLED, { role: "tool", toolCallId: "x", content: "or one" }],
      { tools: TOOLS, now: NOW },
    );
    expect(prompt).toMatch(/^<s>\[system\]Be kind\.\n\nYou can call functions[\s\S]*"name":"now"[\s\S]*\[user\]time\?/);
    expect(prompt).toContain(
      '[assistant]<tool_call>\n{"name": "now", "arguments": {"tz":"UTC"}}\n</tool_call>[user]<tool_response>\nnoon\n</tool_response>\n<tool_response>\nor one\n</tool_response>[assistant]',
    );
    expect(prompt).not.toContain("[tool]");
  });

  it("does not hand tools to a template whose calls it cannot read", () => {
    const foreign = NATIVE.replaceAll("tool_call>", "invoke>");
    expect(template(foreign).abilities.tools).toBe(false);
  });

  it("tells where the prompt leaves the reasoning", () => {
    const place = (source: string, reasoning?: boolean) =>
      template(source).render([user("Hi")], { now: NOW, reasoning }).reasoning?.place ?? null;
    const thinking = `${NATIVE}{# <think> #}`;
    expect(place(thinking)).toBe("unknown");
    expect(place(thinking, true)).toBe("unknown");
    expect(place(thinking, false)).toBe("closed");
    expect(place(`${TURN}<think>\n`)).toBe("open");
    expect(place(TURN)).toBe(null);
    expect(template(`${TURN}<think>`).markers).toContain("</think>");
  });

  it("passes past reasoning on", () => {
    const chat = template("{% for m in messages %}{{ m.reasoning_content }}|{{ m.content }}{% endfor %}");
    expect(chat.render([user("a"), { role: "assistant", content: "b", reasoning: "because" }], { now: NOW }).prompt).toBe(
      "|abecause|b",
    );
  });

  it("fails with the template's own words, or what is wrong with it", () => {
    const chat = template(
      "{% if messages[0].content == 'no' %}{{ raise_exception('Roles must alternate') }}{% endif %}{{ messages[0].content }}",
    );
    expect(refusal(() => chat.render([user("no")], { now: NOW }))).toBe(
      "template_failed: the model's chat template refuses these messages: Roles must alternate",
    );
    expect(refusal(() => template("{% for %}"))).toMatch(/^template_failed: the chat template cannot be read: /);
    expect(refusal(() => template("{{ nothing.there() }}").render([user("a")], { now: NOW }))).toMatch(
      /^template_failed: the chat template failed: /,
    );
    expect(refusal(() => template("{{ range(1000000000) }}").render([user("a")], { now: NOW }))).toMatch(
      /at most 100000 are allowed/,
    );
    expect(refusal(() => template("x".repeat(1_048_577)))).toMatch(/1048577 characters, at most 1048576/);
  });
});
