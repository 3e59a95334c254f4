import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Debian's package `docker-registry`: the reference implementation of the OCI distribution API. */
export const REGISTRY_BINARY = "/usr/bin/docker-registry";
export const hasRegistry = existsSync(REGISTRY_BINARY);

export interface OciRegistry {
  readonly url: string;
  /** Pushes a model as `ollama push` would: a config and one layer per kind. */
  push(repository: string, tag: string, layers: readonly { kind: string; bytes: Buffer }[]): Promise<void>;
  close(): Promise<void>;
}

/** Starts a registry on a port of its own. With `realm`, it answers a request without Authorization by a Bearer challenge. */
export async function startRegistry(options: { realm?: string } = {}): Promise<OciRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "arriero-registry-"));
  const config = {
    version: 0.1,
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: join(folder, "data") } },
    http: { addr: "127.0.0.1:0" },
    ...(options.realm === undefined ? {} : { auth: { silly: { realm: options.realm, service: "test-registry" } } }),
  };
  // YAML reads JSON.
  await writeFile(join(folder, "config.yml"), JSON.stringify(config));
  const child = spawn(REGISTRY_BINARY, ["serve", join(folder, "config.yml")], { stdio: ["ignore", "ignore", "pipe"] });
  const close = async (): Promise<void> => {
    if (child.exitCode === null) {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = `http://${await listening(child)}`;
    return { url, close, push: (repository, tag, layers) => push(url, repository, tag, layers) };
  } catch (error) {
    await close();
    throw error;
  }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const seen: string[] = [];
    createInterface({ input: child.stderr! }).on("line", (line) => {
      seen.push(line);
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`docker-registry ended with ${code}: ${seen.slice(-5).join("\n")}`)));
  });
}

async function push(
  url: string,
  repository: string,
  tag: string,
  layers: readonly { kind: string; bytes: Buffer }[],
): Promise<void> {
  const config = Buffer.from(JSON.stringify({ model_format: "gguf" }));
  const described = [];
  for (const { kind, bytes } of layers) {
    described.push({
      mediaType: `application/vnd.ollama.image.${kind}`,
      digest: await pushBlob(url, repository, bytes),
      size: bytes.length,
    });
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: {
      mediaType: "application/vnd.docker.container.image.v1+json",
      digest: await pushBlob(url, repository, config),
      size: config.length,
    },
    layers: described,
  };
  await expectStatus(201, `${url}/v2/${repository}/manifests/${tag}`, {
    method: "PUT",
    headers: { "content-type": manifest.mediaType, authorization: "Bearer pusher" },
    body: JSON.stringify(manifest),
  });
}

async function pushBlob(url: string, repository: string, bytes: Buffer): Promise<string> {
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const headers = { authorization: "Bearer pusher" };
  const begun = await expectStatus(202, `${url}/v2/${repository}/blobs/uploads/`, { method: "POST", headers });
  const location = new URL(begun.headers.get("location") ?? "", url);
  location.searchParams.set("digest", digest);
  await expectStatus(201, location, {
    method: "PUT",
    headers: { ...headers, "content-type": "application/octet-stream" },
    body: new Uint8Array(bytes),
  });
  return digest;
}

async function expectStatus(status: number, address: string | URL, init: RequestInit): Promise<Response> {
  const response = await fetch(address, init);
  const text = await response.text();
  if (response.status !== status) throw new Error(`${init.method} ${address}: ${response.status} ${text}`);
  return response;
}
