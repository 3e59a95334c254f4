import type { Text } from "../text.ts";
import { account } from "./account.ts";
import { chat } from "./chat.ts";
import { common } from "./common.ts";
import { composer } from "./composer.ts";
import { operate } from "./operate.ts";

export const es: Text = { account, chat, common, composer, operate };
