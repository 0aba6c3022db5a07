-- Every state of a model's config.pbtxt that the console made or met. Only outcome and its reason ever change.
create table revision (
  id bigint generated always as identity primary key,
  model varchar(256) not null,
  made_at timestamp with time zone not null,
  actor varchar(128) not null,
  origin varchar(16) not null,
  reason varchar(500) not null,
  before_text varchar(100000) not null,
  after_text varchar(100000) not null,
  outcome varchar(16) not null,
  failure varchar(4000) not null
);
create index revision_model on revision (model, id);
