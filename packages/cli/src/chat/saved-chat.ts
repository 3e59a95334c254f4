import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ArrieroError } from "@arriero/spec";
import { z } from "zod";
import type { HomeFolder } from "../home/home-folder.ts";
import { writePrivate } from "../home/private-file.ts";
import { type ChatSession, type ChatSettings, MOST_TURNS } from "./chat-session.ts";
import { withSetting } from "./chat-setting.ts";

const SavedChat = z.object({
  model: z.string().min(1),
  system: z.string().nullable(),
  settings: z.record(z.string(), z.unknown()),
  schema: z.record(z.string(), z.unknown()).nullable(),
  turns: z.array(z.object({ role: z.enum(["user", "assistant"]), content: z.string() })).max(MOST_TURNS),
});

const pathOf = (home: HomeFolder, name: string): string => join(home.chats, `${name}.json`);

export async function saveChat(home: HomeFolder, name: string, session: ChatSession): Promise<void> {
  await writePrivate(pathOf(home, name), `${JSON.stringify(session)}\n`);
}

/** Throws not_found where there is none of this name, invalid_json where the file is damaged. */
export async function loadChat(home: HomeFolder, name: string): Promise<ChatSession> {
  const text = await readFile(pathOf(home, name), "utf8").catch(() => {
    throw new ArrieroError("not_found", `There is no saved conversation "${name}".`, { hint: "/save NAME keeps this one." });
  });
  let saved: z.infer<typeof SavedChat>;
  try {
    saved = SavedChat.parse(JSON.parse(text));
  } catch (cause) {
    throw new ArrieroError("invalid_json", `The file ${pathOf(home, name)} is no saved conversation.`, {
      cause,
      hint: "Remove it.",
    });
  }
  const settings = Object.entries(saved.settings).reduce<ChatSettings>((all, [key, value]) => withSetting(all, key, value), {});
  return { ...saved, settings };
}
