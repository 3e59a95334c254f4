/**
 * Ownership is in every row that a person owns, so that every query can ask for it. Times are milliseconds since the epoch,
 * but in the four tables that better-auth reads and writes, which wants timestamps.
 *
 * A message is one row; its parent is a message of the same conversation. What a message holds beside its text is outside
 * of it, so that a list of conversations never meets a body. The log of a running generation is apart from its message
 * too: it is appended to many times a second, the message is written when it ends.
 */
export const peopleAndChats = `
alter table arriero.organisations
  add column admins_read_chats boolean not null default false,
  add column residency jsonb,
  add column budget_micros bigint check (budget_micros >= 0),
  add column budget_period text check (budget_period in ('day', 'month')),
  add check ((budget_micros is null) = (budget_period is null));

create table arriero.people (
  id text primary key,
  name text not null,
  email text not null,
  email_verified boolean not null default false,
  image text,
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index people_email on arriero.people (email);

create table arriero.sessions (
  id text primary key,
  person_id text not null references arriero.people (id) on delete cascade,
  token text not null,
  organisation_id text references arriero.organisations (id) on delete set null,
  address text,
  user_agent text,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index sessions_token on arriero.sessions (token);
create index sessions_person on arriero.sessions (person_id);

create table arriero.sign_ins (
  id text primary key,
  person_id text not null references arriero.people (id) on delete cascade,
  provider_id text not null,
  issuer text not null,
  account_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index sign_ins_account on arriero.sign_ins (provider_id, account_id);
create index sign_ins_person on arriero.sign_ins (person_id);

create table arriero.verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index verifications_identifier on arriero.verifications (identifier);

create table arriero.secrets (name text primary key, value text not null);

create table arriero.memberships (
  person_id text not null references arriero.people (id) on delete cascade,
  organisation_id text not null references arriero.organisations (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'member')),
  created_at bigint not null,
  primary key (person_id, organisation_id)
);
create index memberships_organisation on arriero.memberships (organisation_id, created_at);

create table arriero.invitations (
  id text primary key,
  organisation_id text not null references arriero.organisations (id) on delete cascade,
  email text not null,
  role text not null check (role in ('owner', 'admin', 'member')),
  digest text not null,
  created_at bigint not null,
  expires_at bigint not null,
  accepted_at bigint
);
create unique index invitations_digest on arriero.invitations (digest);
create index invitations_organisation on arriero.invitations (organisation_id, created_at);

create table arriero.device_requests (
  digest text primary key,
  user_code text not null,
  address text not null,
  created_at bigint not null,
  expires_at bigint not null,
  person_id text references arriero.people (id) on delete cascade,
  organisation_id text references arriero.organisations (id) on delete cascade,
  allowed boolean
);
create unique index device_requests_code on arriero.device_requests (user_code);

create table arriero.audit (
  seq bigint generated always as identity primary key,
  organisation_id text not null,
  at bigint not null,
  actor_id text,
  actor_name text,
  action text not null,
  target text not null,
  detail jsonb not null default '{}'
);
create index audit_organisation on arriero.audit (organisation_id, seq);

alter table arriero.api_keys add column person_id text references arriero.people (id) on delete set null;
create index api_keys_person on arriero.api_keys (person_id);

create table arriero.folders (
  id text primary key,
  person_id text not null references arriero.people (id) on delete cascade,
  organisation_id text not null references arriero.organisations (id) on delete cascade,
  name text not null,
  created_at bigint not null
);
create index folders_person on arriero.folders (person_id, organisation_id);

create table arriero.prompts (
  id text primary key,
  person_id text not null references arriero.people (id) on delete cascade,
  organisation_id text not null references arriero.organisations (id) on delete cascade,
  name text not null,
  text text not null,
  shared boolean not null,
  updated_at bigint not null
);
create index prompts_organisation on arriero.prompts (organisation_id, name, id);

create table arriero.conversations (
  id text primary key,
  person_id text not null references arriero.people (id) on delete cascade,
  organisation_id text not null references arriero.organisations (id) on delete cascade,
  folder_id text references arriero.folders (id) on delete set null,
  title text not null,
  pinned boolean not null default false,
  archived boolean not null default false,
  model text,
  adapter text,
  system text not null default '',
  parameters jsonb not null default '{}',
  leaf_id text,
  messages integer not null default 0,
  created_at bigint not null,
  updated_at bigint not null,
  words tsvector generated always as (to_tsvector('simple', title)) stored
);
create index conversations_list on arriero.conversations (person_id, organisation_id, archived, updated_at desc, id desc);
create index conversations_words on arriero.conversations using gin (words);

create table arriero.messages (
  id text primary key,
  conversation_id text not null references arriero.conversations (id) on delete cascade,
  parent_id text,
  role text not null check (role in ('user', 'assistant')),
  state text not null check (state in ('running', 'complete', 'stopped', 'failed', 'interrupted')),
  text text not null,
  reasoning text not null default '',
  tool_calls jsonb not null default '[]',
  model text,
  adapter text,
  parameters jsonb,
  generation_id text,
  finish_reason text,
  usage jsonb,
  dropped jsonb,
  error jsonb,
  created_at bigint not null,
  updated_at bigint not null,
  words tsvector generated always as (to_tsvector('simple', left(text, 200000))) stored,
  unique (conversation_id, id),
  foreign key (conversation_id, parent_id) references arriero.messages (conversation_id, id) on delete cascade
);
create index messages_parent on arriero.messages (conversation_id, parent_id, created_at, id);
create index messages_words on arriero.messages using gin (words);
create index messages_generation on arriero.messages (generation_id);

create table arriero.attachments (
  id text primary key,
  person_id text not null references arriero.people (id) on delete cascade,
  organisation_id text not null references arriero.organisations (id) on delete cascade,
  message_id text references arriero.messages (id) on delete cascade,
  position integer not null default 0,
  name text not null,
  type text not null,
  kind text not null check (kind in ('text', 'image')),
  size_bytes bigint not null,
  created_at bigint not null
);
create index attachments_message on arriero.attachments (message_id, position);
create index attachments_loose on arriero.attachments (created_at) where message_id is null;

create table arriero.attachment_bytes (
  attachment_id text primary key references arriero.attachments (id) on delete cascade,
  bytes bytea not null
);

create table arriero.generations (
  id text primary key,
  message_id text not null references arriero.messages (id) on delete cascade,
  conversation_id text not null references arriero.conversations (id) on delete cascade,
  person_id text not null references arriero.people (id) on delete cascade,
  organisation_id text not null,
  state text not null check (state in ('running', 'complete', 'stopped', 'failed', 'interrupted')),
  request jsonb not null,
  holder text,
  attempt integer not null default 1,
  last_seq bigint not null default 0,
  stop_requested boolean not null default false,
  heartbeat_at bigint not null,
  created_at bigint not null,
  ended_at bigint
);
create index generations_message on arriero.generations (message_id);
create index generations_running on arriero.generations (heartbeat_at) where state = 'running';
create index generations_conversation on arriero.generations (conversation_id) where state = 'running';
create index generations_ended on arriero.generations (ended_at) where state <> 'running';

create table arriero.generation_log (
  generation_id text not null references arriero.generations (id) on delete cascade,
  seq bigint not null,
  entry jsonb not null,
  primary key (generation_id, seq)
);

create table arriero.shares (
  id text primary key,
  person_id text not null references arriero.people (id) on delete cascade,
  organisation_id text not null references arriero.organisations (id) on delete cascade,
  conversation_id text not null references arriero.conversations (id) on delete cascade,
  audience text not null check (audience in ('organisation', 'anyone')),
  title text not null,
  leaf_id text,
  created_at bigint not null
);
create index shares_person on arriero.shares (person_id, created_at);
`;
