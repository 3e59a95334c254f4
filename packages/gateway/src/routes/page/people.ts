import { ArrieroError, page } from "@arriero/spec";
import type { PeopleStore } from "@arriero/store";
import type { Accounts } from "../../accounts/accounts.ts";
import { ownerOf, type Person } from "../../accounts/person.ts";
import type { Route } from "../../http/route.ts";
import { invitationText } from "../../mail/mail-texts.ts";
import type { StoreDoor } from "../../store/store-door.ts";
import type { Accounting } from "../../usage/accounting.ts";
import { listed } from "./conversations.ts";
import { pageRoute, personOf } from "./page-route.ts";

const { PAGE_API } = page;

export interface PeopleServices {
  readonly accounts: Accounts;
  readonly door: StoreDoor | null;
  readonly accounting: Pick<Accounting, "standingOf"> | null;
}

/** Members, invitations, organisations and the audit log. */
export function peopleRoutes({ accounting, accounts, door }: PeopleServices): readonly Route[] {
  /** Does something and notes who did it, in their own organisation's log. */
  const noted = <T>(
    person: Person,
    note: { readonly action: string; readonly target: string; readonly detail?: Readonly<Record<string, unknown>> },
    act: (pages: PeopleStore) => Promise<T>,
  ): Promise<T> =>
    accounts.ask(async (pages) => {
      const done = await act(pages);
      await pages.audit.note({
        ...note,
        organisationId: person.standing.organisation.id,
        actor: { id: person.id, name: person.name },
      });
      return done;
    });

  /** An invitation's link, mailed where that is possible. One that did not go out is handed over as if there were no mail. */
  const handed = async (by: Person, to: string, organisation: string, token: string) => {
    const link = `/invitation#${token}`;
    const mailed =
      accounts.mailer !== null &&
      (await accounts.mailer.send({ to, ...invitationText({ by: by.name, organisation, link: accounts.link(link) }) }).then(
        () => true,
        () => false,
      ));
    return { link, mailed };
  };

  return [
    pageRoute(PAGE_API.listMembers, ({ exchange, query }) =>
      accounts.ask(({ people }) => people.members(ownerOf(personOf(exchange)).organisationId, query)).then(listed),
    ),
    pageRoute(PAGE_API.changeMember, ({ body, exchange, id }) => {
      const by = personOf(exchange);
      return noted(by, { action: "member.role", target: id, detail: { role: body.role } }, ({ people }) =>
        people.changeRole(ownerOf(by), id, body.role),
      );
    }),
    pageRoute(PAGE_API.removeMember, async ({ exchange, id }) => {
      const by = personOf(exchange);
      await noted(by, { action: "member.remove", target: id }, ({ people }) => people.removeMember(ownerOf(by), id));
      // Their keys have ended with them.
      door?.tellKeysEnd();
    }),
    pageRoute(PAGE_API.resetMemberPassword, async ({ exchange, id }) => {
      const by = personOf(exchange);
      const role = await accounts.ask(({ people }) => people.roleOf(ownerOf(by).organisationId, id));
      if (role === "owner" && by.standing.role !== "owner")
        throw new ArrieroError("forbidden", "Only an owner resets an owner's password.");
      if (await accounts.ask(({ people }) => people.isElsewhere(ownerOf(by).organisationId, id))) {
        throw new ArrieroError("forbidden", "This person is also in another organisation: they set their password themselves.");
      }
      const { expiresAt, token } = await accounts.passwords.resetToken(id);
      return noted(by, { action: "member.reset-link", target: id }, async () => ({ link: `/reset#${token}`, expiresAt }));
    }),
    pageRoute(PAGE_API.listInvitations, ({ exchange, query }) =>
      accounts.ask(({ people }) => people.invitations(ownerOf(personOf(exchange)).organisationId, query)).then(listed),
    ),
    pageRoute(PAGE_API.invite, ({ body, exchange }) => {
      const by = personOf(exchange);
      return noted(by, { action: "member.invite", target: body.email, detail: { role: body.role } }, async ({ people }) => {
        const { invitation, token } = await people.invite(ownerOf(by).organisationId, body.email, body.role);
        return { invitation, ...(await handed(by, body.email, by.standing.organisation.name, token)) };
      });
    }),
    pageRoute(PAGE_API.withdrawInvitation, ({ exchange, id }) => {
      const by = personOf(exchange);
      return noted(by, { action: "invitation.withdraw", target: id }, ({ people }) =>
        people.withdraw(ownerOf(by).organisationId, id),
      );
    }),
    pageRoute(PAGE_API.organisation, ({ exchange }) =>
      accounts.ask(({ organisations }) => organisations.read(ownerOf(personOf(exchange)).organisationId)),
    ),
    pageRoute(PAGE_API.organisationBudgets, async ({ exchange }) => {
      const { organisation, rules } = personOf(exchange).standing;
      return { entries: [...((await accounting?.standingOf(organisation.id, rules)) ?? [])] };
    }),
    pageRoute(PAGE_API.changeOrganisation, ({ body, exchange }) => {
      const by = personOf(exchange);
      if (body.adminsReadChats !== undefined && by.standing.role !== "owner") {
        throw new ArrieroError("forbidden", "Only an owner decides whether admins may read chats.");
      }
      return noted(
        by,
        { action: "organisation.change", target: by.standing.organisation.name, detail: body },
        ({ organisations }) => organisations.change(ownerOf(by).organisationId, body),
      );
    }),
    pageRoute(PAGE_API.listOrganisations, ({ query }) =>
      accounts.ask(({ organisations }) => organisations.list(query)).then(listed),
    ),
    pageRoute(PAGE_API.createOrganisation, ({ body, exchange }) => {
      const { name, ownerEmail, ...rules } = body;
      return noted(personOf(exchange), { action: "organisation.create", target: name }, async ({ organisations, people }) => {
        const organisation = await organisations.create(name, rules);
        const { token } = await people.invite(organisation.id, ownerEmail, "owner");
        return { organisation, ...(await handed(personOf(exchange), ownerEmail, name, token)) };
      });
    }),
    pageRoute(PAGE_API.changeOrganisationRules, ({ body, exchange, id }) =>
      noted(personOf(exchange), { action: "organisation.rules", target: id, detail: body }, ({ organisations }) =>
        organisations.change(id, body),
      ).finally(() => door?.tellKeysEnd()),
    ),
    pageRoute(PAGE_API.listAudit, ({ exchange, query }) =>
      accounts.ask(({ audit }) => audit.list(ownerOf(personOf(exchange)).organisationId, query)).then(listed),
    ),
  ];
}
