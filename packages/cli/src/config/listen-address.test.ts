import { describe, expect, it } from "vitest";
import { isLoopback, parseListenAddress } from "./listen-address.ts";

describe("parseListenAddress", () => {
  it.each([
    ["127.0.0.1", "127.0.0.1", null],
    ["0.0.0.0:9000", "0.0.0.0", 9000],
    ["http://localhost:8080/", "localhost", 8080],
    ["http://example.test:80", "example.test", 80],
    ["::1", "::1", null],
    ["[::1]:9000", "::1", 9000],
  ])("%s", (text, host, port) => expect(parseListenAddress(text)).toEqual({ host, port }));
  it("refuses what is no address", () => expect(parseListenAddress("a b")).toBeNull());
});

describe("isLoopback", () => {
  it.each(["localhost", "127.0.0.1", "127.8.8.8", "::1"])("%s is", (host) => expect(isLoopback(host)).toBe(true));
  it.each(["0.0.0.0", "::", "192.168.1.2", "127.example.org"])("%s is not", (host) => expect(isLoopback(host)).toBe(false));
});
