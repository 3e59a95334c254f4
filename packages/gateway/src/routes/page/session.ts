import { ArrieroError, page } from "@arriero/spec";
import { digestOfKey } from "@arriero/store";
import type { Accounts } from "../../accounts/accounts.ts";
import { requireOwnOrigin } from "../../accounts/own-origin.ts";
import { isKeeper, ownerOf, type Person } from "../../accounts/person.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Route } from "../../http/route.ts";
import type { StoreDoor } from "../../store/store-door.ts";
import { pageRoute, personOf } from "./page-route.ts";

export interface SessionServices {
  readonly accounts: Accounts;
  readonly version: string;
  readonly door: StoreDoor | null;
}

const { PAGE_API } = page;
/** Seconds between two questions of a command line. */
const POLL_S = 2;

/** Signing in and out, and what is one's own. */
export function sessionRoutes({ accounts, door, version }: SessionServices): readonly Route[] {
  const signedIn = async (person: Person): Promise<page.SessionAnswer> => {
    const { createdAt, email, id, name, standing, standings } = person;
    const shown = ({ organisation, role }: Person["standing"]) => ({ organisation, role });
    return {
      state: "signed-in",
      version,
      person: { id, name, email, createdAt },
      standing: shown(standing),
      standings: standings.map(shown),
      operator: isKeeper(person),
      settings: page.Settings.parse(await accounts.ask(({ people }) => people.settings(id))),
    };
  };
  const signIn = async (exchange: Exchange, email: string, password: string): Promise<void> => {
    exchange.setHeader("set-cookie", await accounts.signIn(email, password, accounts.from(exchange)));
  };
  /** Routes without a session must not be called by other sites' pages all the same: they would sign somebody in. */
  const own = (exchange: Exchange): void => requireOwnOrigin("POST", exchange.headers);

  return [
    pageRoute(PAGE_API.session, async ({ exchange }): Promise<page.SessionAnswer> => {
      requireOwnOrigin("GET", exchange.headers);
      const person = await accounts.find(exchange.headers);
      if (person !== null) return signedIn(person);
      if (await accounts.ask(({ people }) => people.isFirstVisit())) {
        return { state: "first-visit", version, wantsToken: accounts.firstVisit.wantsToken };
      }
      return {
        state: "signed-out",
        version,
        providers: accounts.providers.list,
        passwordReset: accounts.mailer === null ? "admin" : "mail",
      };
    }),
    pageRoute(PAGE_API.firstVisit, async ({ body, exchange }) => {
      own(exchange);
      await accounts.firstVisit.claim(body, exchange.headers, accounts.from(exchange).address);
      await signIn(exchange, body.email, body.password);
    }),
    pageRoute(PAGE_API.signIn, async ({ body, exchange }) => {
      own(exchange);
      await signIn(exchange, body.email, body.password);
    }),
    pageRoute(PAGE_API.signOut, async ({ exchange }) => {
      own(exchange);
      exchange.setHeader("set-cookie", await accounts.signOut(exchange.headers));
    }),
    pageRoute(PAGE_API.changePassword, ({ body, exchange }) =>
      accounts.passwords.change(personOf(exchange), body.current, body.wanted),
    ),
    pageRoute(PAGE_API.askReset, async ({ body, exchange }) => {
      own(exchange);
      accounts.passwords.askReset(body.email, accounts.from(exchange).address);
    }),
    pageRoute(PAGE_API.startProvider, async ({ body, exchange, id }) => {
      own(exchange);
      const { cookie, url } = await accounts.providers.begin(id, body.to, accounts.from(exchange).address);
      exchange.setHeader("set-cookie", cookie);
      return { url };
    }),
    pageRoute(PAGE_API.providerCallback, async ({ exchange, id }) => {
      const { cookies, path } = await accounts.providers.finish(id, exchange.query, exchange.headers, accounts.from(exchange));
      exchange.setHeader("set-cookie", cookies);
      exchange.setHeader("location", path);
      exchange.sendBytes(303, null);
    }),
    pageRoute(PAGE_API.reset, async ({ body, exchange }) => {
      own(exchange);
      await accounts.passwords.reset(body.token, body.password, accounts.from(exchange).address);
    }),
    pageRoute(PAGE_API.readInvitation, async ({ body, exchange }) => {
      own(exchange);
      return accounts.invitations.read(body.token);
    }),
    pageRoute(PAGE_API.acceptInvitation, async ({ body, exchange }) => {
      own(exchange);
      const email = await accounts.invitations.accept(body, accounts.from(exchange).address);
      await signIn(exchange, email, body.password);
    }),
    pageRoute(PAGE_API.changeSettings, async ({ body, exchange }) =>
      page.Settings.parse(await accounts.ask(({ people }) => people.changeSettings(personOf(exchange).id, body))),
    ),
    pageRoute(PAGE_API.changeStanding, async ({ body, exchange }) => {
      const { id, sessionId } = personOf(exchange);
      await accounts.ask(({ people }) => people.moveSession(id, sessionId, body.organisation));
      const moved = await accounts.find(exchange.headers);
      if (moved === null) throw new ArrieroError("unauthorized", "Nobody is signed in.");
      return signedIn(moved);
    }),
    pageRoute(PAGE_API.listSessions, async ({ exchange }) => {
      const { id, sessionId } = personOf(exchange);
      const entries = await accounts.ask(({ people }) => people.sessions(id));
      return { entries: entries.map((entry) => ({ ...entry, current: entry.id === sessionId })) };
    }),
    pageRoute(PAGE_API.endSession, ({ exchange, id }) =>
      accounts.ask(({ people }) => people.endSession(personOf(exchange).id, id)),
    ),
    pageRoute(PAGE_API.startDevice, async ({ exchange }) => {
      const begun = await accounts.ask(({ devices }) => devices.begin(accounts.from(exchange).address));
      return { ...begun, path: `/device?code=${begun.userCode}`, interval: POLL_S };
    }),
    pageRoute(PAGE_API.readDevice, ({ id }) => accounts.ask(({ devices }) => devices.read(id))),
    pageRoute(PAGE_API.answerDevice, async ({ body, exchange, id }) => {
      const person = personOf(exchange);
      await accounts.ask(async ({ audit, devices }) => {
        await devices.answer(ownerOf(person), id, body.allow);
        const action = body.allow ? "device.allow" : "device.refuse";
        await audit.note({ organisationId: person.standing.organisation.id, actor: person, action, target: person.email });
      });
    }),
    pageRoute(PAGE_API.pollDevice, async ({ body }) =>
      accounts.ask(async ({ devices, keys, people }) => {
        const answer = await devices.poll(body.deviceCode);
        if (answer === "waiting" || answer === "refused") return { state: answer };
        const { organisationId, personId } = answer.owner;
        const { key } = await keys.create({ name: "arriero login", organisationId, personId });
        return { state: "allowed" as const, key, email: (await people.email(personId)) ?? "" };
      }),
    ),
    pageRoute(PAGE_API.endDevice, ({ body }) =>
      accounts.ask(async ({ audit, keys }) => {
        const key = await keys.find(digestOfKey(body.key));
        // Those of nobody in particular may be shared: whoever made one ends it.
        if (key === null || key.personId === null || key.revokedAt !== null) return;
        await keys.revoke(key.id);
        door?.tellKeysEnd();
        await audit.note({ organisationId: key.organisationId, actor: null, action: "device.end", target: key.id });
      }),
    ),
  ];
}
