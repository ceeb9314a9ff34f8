-- insertEvents
select pg_advisory_xact_lock($1);
insert into "event" ("project_id", "type", "payload", "at") values ($1, $2, $3, $4);

-- listEventsAfter
select * from "event" where "id" > $1 order by "id" limit $2;

-- newestEventId
select max("id") as "id" from "event";

-- readCursor
select "position" from "event_cursor" where "consumer" = $1;

-- lagOfConsumers
select max("id") as "id" from "event";
select * from "event_cursor";

-- writeCursor
insert into "event_cursor" ("consumer", "position") values ($1, $2) on conflict ("consumer") do update set "position" = $3;

-- insertJob
insert into "job" ("id", "project_id", "kind", "key", "lane", "payload", "state", "run_at", "attempts", "cut_off", "fence", "lease_until", "error", "created_at", "ended_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict do nothing;

-- claimJob
update "job" set "state" = $1, "attempts" = "attempts" + $2, "fence" = "fence" + $3, "lease_until" = $4, "key" = $5 where "state" = $6 and "id" = (select "candidate"."id" from "job" as "candidate" where "candidate"."state" = $7 and "candidate"."run_at" <= $8 and "candidate"."kind" in ($9, $10) and not exists (select "busy"."id" from "job" as "busy" where "busy"."lane" = "candidate"."lane" and "busy"."state" = $11) order by "candidate"."run_at", "candidate"."id" limit $12) returning *;

-- finishJob
update "job" set "state" = $1, "ended_at" = $2, "error" = $3, "cut_off" = $4, "lease_until" = $5 where "id" = $6 and "fence" = $7 and "state" = $8;

-- deferJob
update "job" set "state" = $1, "run_at" = $2, "error" = $3, "cut_off" = $4, "lease_until" = $5 where "id" = $6 and "fence" = $7 and "state" = $8;

-- buryJob
update "job" set "state" = $1, "ended_at" = $2, "error" = $3, "cut_off" = $4, "lease_until" = $5 where "id" = $6 and "fence" = $7 and "state" = $8;

-- renewJob
update "job" set "lease_until" = $1 where "id" = $2 and "fence" = $3 and "state" = $4;

-- releaseExpired
update "job" set "state" = $1, "lease_until" = $2, "ended_at" = $3, "error" = $4, "cut_off" = $5 where "state" = $6 and "lease_until" < $7 and "cut_off" >= $8;
update "job" set "state" = $1, "lease_until" = $2, "attempts" = "attempts" - $3, "cut_off" = "cut_off" + $4 where "state" = $5 and "lease_until" < $6;

-- countPending
select count(*) as "n" from "job" where "lane" like $1 and ("state" = $2 or ("state" = $3 and "run_at" <= $4));

-- listDeadJobs
select "id", "kind", "error", "attempts", "ended_at" from "job" where "state" = $1 order by "ended_at" desc limit $2;

-- countJobs
select "kind", "state", count(*) as "n" from "job" group by "kind", "state";

-- sweepDone
delete from "job" where "state" = $1 and "ended_at" < $2;
