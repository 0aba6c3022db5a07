-- What was done and refused. Rows are only ever added.
create table audit (
  id bigint generated always as identity primary key,
  happened_at timestamp with time zone not null,
  actor varchar(128) not null,
  address varchar(64) not null,
  action varchar(32) not null,
  subject varchar(256) not null,
  outcome varchar(16) not null,
  detail varchar(4000) not null
);
create index audit_happened_at on audit (happened_at);
