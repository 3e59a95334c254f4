import type { page } from "@arriero/spec";

/** The branch that is shown, as Markdown. What was said stands as it was said. */
export function markdownOf({ leafId, messages, system, title }: page.ExportedConversation): string {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const branch: (typeof messages)[number][] = [];
  for (let at = byId.get(leafId ?? ""); at !== undefined && branch.length < messages.length; at = byId.get(at.parentId ?? "")) {
    branch.unshift(at);
  }
  return [
    `# ${title.replaceAll(/\s+/g, " ") || "Conversation"}`,
    ...(system === "" ? [] : [`> ${system.replaceAll("\n", "\n> ")}`]),
    ...branch.flatMap(({ adapter, model, role, text }) => [
      role === "user" ? "## You" : `## ${[model ?? "Answer", adapter].filter(Boolean).join(" + ")}`,
      text,
    ]),
  ].join("\n\n");
}
