-- insertToken
insert into "api_token" ("id", "project_id", "name", "role", "digest", "attempt", "created_at", "expires_at") values (?, ?, ?, ?, ?, ?, ?, ?);

-- findByDigest
select * from "api_token" where "digest" = ?;

-- listPersonal
select * from "api_token" where "attempt" is null order by "created_at" desc;

-- deleteToken
delete from "api_token" where "id" = ?;

-- deleteOfAttempt
delete from "api_token" where "attempt" = ?;

-- validDigests
select "digest", "expires_at" from "api_token" where "attempt" is null and "role" in (?, ?);
