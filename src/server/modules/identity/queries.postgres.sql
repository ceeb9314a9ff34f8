-- insertToken
insert into "api_token" ("id", "project_id", "name", "role", "digest", "attempt", "created_at", "expires_at") values ($1, $2, $3, $4, $5, $6, $7, $8);

-- findByDigest
select * from "api_token" where "digest" = $1;

-- listPersonal
select * from "api_token" where "attempt" is null order by "created_at" desc;

-- deleteToken
delete from "api_token" where "id" = $1;

-- deleteOfAttempt
delete from "api_token" where "attempt" = $1;

-- validDigests
select "digest", "expires_at" from "api_token" where "attempt" is null and "role" in ($1, $2);
