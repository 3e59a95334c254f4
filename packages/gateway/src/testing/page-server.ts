import { openStore, type Store, type StoreOptions } from "@arriero/store";
import type { OpenStore } from "../store/gateway-store.ts";
import { startTestGateway, type TestGatewayOptions } from "./test-gateway.ts";

interface TestDatabase {
  readonly options: StoreOptions;
  close(): Promise<void>;
}

/** The store's own test databases, the embedded one first: a script to load, not a module of its face. */
const { KILLED_PLACES } = (await import(new URL("../../../store/src/testing/killed-places.ts", import.meta.url).href)) as {
  readonly KILLED_PLACES: readonly { readonly skipped: string | null; open(): Promise<TestDatabase> }[];
};

/** A new database: a real Postgres where there can be one, else (and with ARRIERO_TEST_DATABASE=embedded) the embedded one. */
export function openDatabase(): Promise<TestDatabase> {
  const [embedded, real] = KILLED_PLACES;
  const wanted = process.env["ARRIERO_TEST_DATABASE"] === "embedded" || real!.skipped !== null ? embedded : real;
  return wanted!.open();
}

export const PASSWORD = "llamas cross at dawn";

/** A person's browser, as far as the server can tell: a jar of cookies, and requests of its own origin. */
export class Browser {
  readonly #url: string;
  cookie = "";

  constructor(url: string) {
    this.#url = url;
  }

  /** `GET /api/session`, with a body as JSON. */
  async ask(route: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const [method = "GET", path = "/"] = route.split(" ");
    const response = await fetch(this.#url + path, {
      method,
      redirect: "manual",
      headers: {
        ...(this.cookie === "" ? {} : { cookie: this.cookie }),
        ...(method === "GET" ? {} : { origin: this.#url }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
    });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ""] = set.split(";", 1);
      this.cookie = /max-age=0/i.test(set) ? "" : pair;
    }
    return response;
  }

  /** The JSON of a 200. */
  async get<T>(route: string, body?: unknown): Promise<T> {
    const response = await this.ask(route, body);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${route}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** The status alone. */
  async status(route: string, body?: unknown, headers: Record<string, string> = {}): Promise<number> {
    const response = await this.ask(route, body, headers);
    await response.body?.cancel();
    return response.status;
  }
}

/** A gateway over a real database: the page's API as it is served. */
export async function startPageServer(database: TestDatabase, options: TestGatewayOptions = {}) {
  let store: Store | null = null;
  const open: OpenStore = async () => {
    store = await openStore(database.options);
    return store;
  };
  const gateway = await startTestGateway({
    ...options,
    gateway: { openStore: open, limits: { storeMs: 60_000 }, ...options.gateway },
  });
  const firstVisit = async (email = "owner@example.org"): Promise<Browser> => {
    const browser = new Browser(gateway.url);
    const status = await browser.status("POST /api/auth/first-visit", { name: "Owner", email, password: PASSWORD });
    if (status !== 204) throw new Error(`first visit: ${status}`);
    return browser;
  };
  /** Invites somebody and has them come. */
  const join = async (admin: Browser, email: string, role: "admin" | "member" = "member"): Promise<Browser> => {
    const { link } = await admin.get<{ link: string }>("POST /api/admin/invitations", { email, role });
    return accept(link);
  };
  const accept = async (link: string): Promise<Browser> => {
    const browser = new Browser(gateway.url);
    const token = link.split("#")[1];
    const status = await browser.status("POST /api/auth/invitation/accept", { token, name: "Somebody", password: PASSWORD });
    if (status !== 204) throw new Error(`invitation: ${status}`);
    return browser;
  };
  return { ...gateway, store: () => store!, firstVisit, join, accept };
}

export type PageServer = Awaited<ReturnType<typeof startPageServer>>;
