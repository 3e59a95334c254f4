import { z } from "zod";
import { ResidencyPolicy } from "../residency.ts";
import { endpoint } from "./endpoint.ts";
import { Id, Instant, PageQuery, pageOf, Title } from "./shapes.ts";

/** What a person may do in an organisation. There is always an owner. */
export const Role = z.enum(["owner", "admin", "member"]);
export type Role = z.infer<typeof Role>;

export const Email = z.string().trim().toLowerCase().pipe(z.email().max(254));
/** As long as NIST SP 800-63B wants one that stands alone, and no rule about what is in it. */
export const Password = z.string().min(10).max(128);

export const Person = z.object({ id: Id, name: z.string(), email: z.string(), createdAt: Instant });
export type Person = z.infer<typeof Person>;

/** `adminsReadChats`: what the organisation chose; it is shown to every member. */
export const Organisation = z.object({ id: Id, name: z.string(), adminsReadChats: z.boolean() });
export type Organisation = z.infer<typeof Organisation>;

/** A calendar day or month, UTC. */
export const BudgetPeriod = z.enum(["day", "month"]);
export type BudgetPeriod = z.infer<typeof BudgetPeriod>;

/** Where an organisation's requests may go, what they may cost, and how many tokens they may use. null: no limit of its own. */
export const OrganisationRules = z.object({
  residency: ResidencyPolicy,
  /** Millionths of the currency that prices are given in. */
  budget: z.object({ micros: z.int().min(0), period: BudgetPeriod }).nullable(),
  /** Of prompts and completions together. */
  tokenBudget: z.object({ tokens: z.int().min(0), period: BudgetPeriod }).nullable(),
});
export type OrganisationRules = z.infer<typeof OrganisationRules>;

/** One budget that binds an organisation, with what is used of it. */
export const OrganisationBudget = z.object({
  /** `money`: `most` and `used` are millionths. */
  unit: z.enum(["money", "tokens"]),
  most: z.int(),
  used: z.int(),
  period: BudgetPeriod,
  /** When the period ends and the next one begins. */
  endsAt: Instant,
});
export type OrganisationBudget = z.infer<typeof OrganisationBudget>;

export const OrganisationDetail = Organisation.extend({ ...OrganisationRules.shape, members: z.int(), createdAt: Instant });
export type OrganisationDetail = z.infer<typeof OrganisationDetail>;

export const Member = Person.extend({ role: Role, lastSeenAt: Instant.nullable() });
export type Member = z.infer<typeof Member>;

export const Invitation = z.object({
  id: Id,
  email: z.string(),
  role: Role,
  createdAt: Instant,
  expiresAt: Instant,
  acceptedAt: Instant.nullable(),
});
export type Invitation = z.infer<typeof Invitation>;

/** A link to hand over where no mail goes out: the page's path, with its token behind `#`, which no server log sees. */
const HandedLink = z.string().describe("the page's path, such as `/invitation#TOKEN`; shown this once");

export const AuditEntry = z.object({
  id: Id,
  at: Instant,
  /** null: nobody signed in, as in a refused sign-in. */
  actor: z.object({ id: Id, name: z.string() }).nullable(),
  /** `member.role`, `key.create`, `sign-in.refused`. */
  action: z.string(),
  /** What it was done to, named so that it is understood later. */
  target: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const peopleEndpoints = {
  listMembers: endpoint("GET /api/admin/members", "admin", {
    query: PageQuery,
    answer: pageOf(Member),
    about: "the organisation's members",
  }),
  changeMember: endpoint("PATCH /api/admin/members/{id}", "admin", {
    body: z.object({ role: Role }),
    answer: Member,
    about: "gives a member another role; only an owner makes or unmakes owners, and the last one stays",
  }),
  removeMember: endpoint("DELETE /api/admin/members/{id}", "admin", {
    about: "takes a member out, with their sessions and keys",
  }),
  resetMemberPassword: endpoint("POST /api/admin/members/{id}/reset-link", "admin", {
    answer: z.object({ link: HandedLink, expiresAt: Instant }),
    about: "a link by which the member sets a new password",
  }),
  listInvitations: endpoint("GET /api/admin/invitations", "admin", {
    query: PageQuery,
    answer: pageOf(Invitation),
    about: "invitations, newest first",
  }),
  invite: endpoint("POST /api/admin/invitations", "admin", {
    body: z.object({ email: Email, role: Role.exclude(["owner"]).default("member") }),
    answer: z.object({ invitation: Invitation, link: HandedLink, mailed: z.boolean() }),
    about: "invites somebody; mailed where SMTP is set, else the link is to be handed over",
  }),
  withdrawInvitation: endpoint("DELETE /api/admin/invitations/{id}", "admin", { about: "takes an invitation back" }),
  organisation: endpoint("GET /api/organisation", "member", {
    answer: OrganisationDetail,
    about: "the organisation one is in, with its rules",
  }),
  organisationBudgets: endpoint("GET /api/organisation/budgets", "member", {
    answer: z.object({ entries: z.array(OrganisationBudget) }),
    about: "the budgets that bind it, those of `arriero.yaml` too, and what is used of each",
  }),
  changeOrganisation: endpoint("PATCH /api/admin/organisation", "admin", {
    body: z.object({ name: Title, adminsReadChats: z.boolean() }).partial(),
    answer: OrganisationDetail,
    about: "renames it; an owner alone decides whether admins may read chats",
  }),
  listOrganisations: endpoint("GET /api/admin/organisations", "keeper", {
    query: PageQuery,
    answer: pageOf(OrganisationDetail),
    about: "all organisations of this server",
  }),
  createOrganisation: endpoint("POST /api/admin/organisations", "keeper", {
    body: z.object({ name: Title, ownerEmail: Email, ...OrganisationRules.partial().shape }),
    answer: z.object({ organisation: OrganisationDetail, link: HandedLink, mailed: z.boolean() }),
    about: "makes an organisation and invites its owner",
  }),
  changeOrganisationRules: endpoint("PATCH /api/admin/organisations/{id}", "keeper", {
    body: OrganisationRules.partial().extend({ name: Title.optional() }),
    answer: OrganisationDetail,
    about: "its name, residency policy and budgets",
  }),
  listAudit: endpoint("GET /api/admin/audit", "admin", {
    query: PageQuery.extend({ action: z.string().max(64).optional() }),
    answer: pageOf(AuditEntry),
    about: "who did what, newest first",
  }),
};
