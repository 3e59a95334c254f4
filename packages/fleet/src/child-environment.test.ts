import { expect, it } from "vitest";
import { childEnvironment } from "./child-environment.ts";

it("passes what the engine needs and none of the parent's secrets", () => {
  const parent = {
    PATH: "/bin",
    CUDA_VISIBLE_DEVICES: "0",
    HF_TOKEN: "s",
    AWS_SECRET_ACCESS_KEY: "s",
    DATABASE_URL: "s",
    ARRIERO_KEY: "s",
    NODE_OPTIONS: "--inspect",
  };
  expect(childEnvironment(parent, { ARRIERO_ENGINE_OPTIONS: "{}" })).toEqual({
    PATH: "/bin",
    CUDA_VISIBLE_DEVICES: "0",
    ARRIERO_ENGINE_OPTIONS: "{}",
  });
});
