import { account } from "./account.ts";
import { chat } from "./chat.ts";
import { common } from "./common.ts";
import { composer } from "./composer.ts";
import { operate } from "./operate.ts";

export const en = { account, chat, common, composer, operate };
