const REQUEST_COLUMNS = `
  id text not null,
  organisation_id text not null,
  key_id text,
  model text not null,
  adapter text,
  backend text,
  region text,
  prompt_tokens bigint not null,
  cached_tokens bigint not null,
  completion_tokens bigint not null,
  reasoning_tokens bigint not null,
  attempts integer not null,
  continuations integer not null,
  queue_ms integer,
  ttft_ms integer,
  cost_micros bigint not null,
  started_at bigint not null`;

/**
 * Usage has no foreign key to keys: a fact of the past stays true when a key is gone, and a batch of facts must not
 * fail for one of them.
 */
export const keysAndUsage = `
create table arriero.organisations (
  id text primary key,
  name text not null,
  created_at bigint not null
);
insert into arriero.organisations values ('default', 'Default', 0);

create table arriero.api_keys (
  id text primary key,
  organisation_id text not null references arriero.organisations (id),
  digest text not null,
  prefix text not null,
  name text not null,
  models jsonb,
  requests_per_minute integer check (requests_per_minute > 0),
  tokens_per_minute integer check (tokens_per_minute > 0),
  tokens_per_day bigint check (tokens_per_day > 0),
  budget_micros bigint check (budget_micros >= 0),
  budget_period text check (budget_period in ('day', 'month')),
  allowed_regions jsonb,
  data_class text,
  created_at bigint not null,
  expires_at bigint,
  revoked_at bigint,
  check ((budget_micros is null) = (budget_period is null))
);
create unique index api_keys_digest on arriero.api_keys (digest);

create table arriero.instances (
  id text primary key,
  heartbeat_at bigint not null
);

create table arriero.open_requests (${REQUEST_COLUMNS},
  instance_id text not null,
  updated_at bigint not null,
  primary key (id)
);
create index open_requests_instance on arriero.open_requests (instance_id);

create table arriero.usage (
  seq bigint generated always as identity primary key,${REQUEST_COLUMNS},
  status text not null check (status in ('completed', 'cancelled', 'failed', 'lost')),
  error_code text,
  ended_at bigint not null
);
create unique index usage_id on arriero.usage (id);
create index usage_key on arriero.usage (key_id, ended_at);

create table arriero.usage_hourly (
  hour bigint not null,
  organisation_id text not null,
  key_id text not null,
  model text not null,
  backend text not null,
  requests bigint not null,
  failures bigint not null,
  prompt_tokens bigint not null,
  cached_tokens bigint not null,
  completion_tokens bigint not null,
  reasoning_tokens bigint not null,
  cost_micros bigint not null,
  primary key (organisation_id, key_id, hour, model, backend)
);
create index usage_hourly_key on arriero.usage_hourly (key_id, hour);

create table arriero.roll_up (seq bigint not null);
insert into arriero.roll_up values (0);
`;
