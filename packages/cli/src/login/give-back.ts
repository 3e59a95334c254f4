import { page } from "@arriero/spec";
import { call } from "../client/endpoint.ts";
import type { Login } from "../home/login-file.ts";

/** Has the server revoke the key; whether it said so. */
export function giveBack({ key, url }: Login): Promise<boolean> {
  const { path } = page.PAGE_API.endDevice;
  return call({ url, key: null }, path, { method: "POST", body: { key } }).then(
    () => true,
    () => false,
  );
}
