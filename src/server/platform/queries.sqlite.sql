-- insertEvents
insert into "event" ("project_id", "type", "payload", "at") values (?, ?, ?, ?);

-- listEventsAfter
select * from "event" where "id" > ? order by "id" limit ?;

-- newestEventId
select max("id") as "id" from "event";

-- readCursor
select "position" from "event_cursor" where "consumer" = ?;

-- lagOfConsumers
select max("id") as "id" from "event";
select * from "event_cursor";

-- writeCursor
insert into "event_cursor" ("consumer", "position") values (?, ?) on conflict ("consumer") do update set "position" = ?;

-- insertJob
insert into "job" ("id", "project_id", "kind", "key", "lane", "payload", "state", "run_at", "attempts", "cut_off", "fence", "lease_until", "error", "created_at", "ended_at") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing;

-- claimJob
update "job" set "state" = ?, "attempts" = "attempts" + ?, "fence" = "fence" + ?, "lease_until" = ?, "key" = ? where "state" = ? and "id" = (select "candidate"."id" from "job" as "candidate" where "candidate"."state" = ? and "candidate"."run_at" <= ? and "candidate"."kind" in (?, ?) and not exists (select "busy"."id" from "job" as "busy" where "busy"."lane" = "candidate"."lane" and "busy"."state" = ?) order by "candidate"."run_at", "candidate"."id" limit ?) returning *;

-- finishJob
update "job" set "state" = ?, "ended_at" = ?, "error" = ?, "cut_off" = ?, "lease_until" = ? where "id" = ? and "fence" = ? and "state" = ?;

-- deferJob
update "job" set "state" = ?, "run_at" = ?, "error" = ?, "cut_off" = ?, "lease_until" = ? where "id" = ? and "fence" = ? and "state" = ?;

-- buryJob
update "job" set "state" = ?, "ended_at" = ?, "error" = ?, "cut_off" = ?, "lease_until" = ? where "id" = ? and "fence" = ? and "state" = ?;

-- renewJob
update "job" set "lease_until" = ? where "id" = ? and "fence" = ? and "state" = ?;

-- releaseExpired
update "job" set "state" = ?, "lease_until" = ?, "ended_at" = ?, "error" = ?, "cut_off" = ? where "state" = ? and "lease_until" < ? and "cut_off" >= ?;
update "job" set "state" = ?, "lease_until" = ?, "attempts" = "attempts" - ?, "cut_off" = "cut_off" + ? where "state" = ? and "lease_until" < ?;

-- countPending
select count(*) as "n" from "job" where "lane" like ? and ("state" = ? or ("state" = ? and "run_at" <= ?));

-- listDeadJobs
select "id", "kind", "error", "attempts", "ended_at" from "job" where "state" = ? order by "ended_at" desc limit ?;

-- countJobs
select "kind", "state", count(*) as "n" from "job" group by "kind", "state";

-- sweepDone
delete from "job" where "state" = ? and "ended_at" < ?;
