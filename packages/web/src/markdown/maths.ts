import "katex/dist/katex.min.css";
import rehypeKatex from "rehype-katex";
import remarkMath from "remark-math";
import type { PluginConfig } from "streamdown";

/** KaTeX without trust: no links, no images, no classes of the writer's; sizes and macros are bounded. */
export const maths: NonNullable<PluginConfig["math"]> = {
  name: "katex",
  type: "math",
  remarkPlugin: [remarkMath, { singleDollarTextMath: false }],
  rehypePlugin: [rehypeKatex, { trust: false, strict: "ignore", maxSize: 20, maxExpand: 500, errorColor: "currentColor" }],
};
