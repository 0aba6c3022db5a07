-- Who may log in. Everything that must end a person's sessions changes the stamp.
create table person (
  name varchar(64) not null primary key,
  password_hash varchar(100) not null,
  role varchar(16) not null,
  must_change boolean not null,
  enabled boolean not null,
  failures integer not null,
  locked_until timestamp with time zone,
  stamp varchar(36) not null,
  created_at timestamp with time zone not null
);
