-- Tritons elsewhere. A key is encrypted; what decrypts it lies in the state directory, not here.
create table endpoint (
  name varchar(64) not null primary key,
  address varchar(500) not null,
  sealed_key varchar(2000) not null,
  group_name varchar(64) not null,
  added_by varchar(128) not null,
  added_at timestamp with time zone not null
);
-- What is wanted of a model on every endpoint of a group. Rows are added; only their end is ever written into them.
create table wanted_state (
  id bigint generated always as identity primary key,
  group_name varchar(64) not null,
  model varchar(256) not null,
  settings varchar(20000) not null,
  actor varchar(128) not null,
  reason varchar(500) not null,
  made_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  ended_by varchar(128)
);
create index wanted_state_group on wanted_state (group_name, model, id);
