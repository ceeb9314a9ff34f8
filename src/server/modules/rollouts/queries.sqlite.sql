-- insertRollout
insert into "rollout" ("id", "project_id", "endpoint", "model", "candidate", "champion", "stage", "weight", "paused_by", "answers_drift", "reason", "incident", "sentence", "progress", "started_at", "started_event_time", "step_event_time", "ended_at", "ended_event_time") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- findRollout
select * from "rollout" where "id" = ?;

-- activeRollout
select * from "rollout" where "endpoint" = ? and "ended_at" is null;

-- listRollouts: all
select * from "rollout" order by "started_at" desc, "id" desc limit ?;

-- listRollouts: of an endpoint
select * from "rollout" where "endpoint" = ? order by "started_at" desc, "id" desc limit ?;

-- updateRollout
update "rollout" set "stage" = ?, "progress" = ? where "id" = ?;

-- insertVerdict
insert into "rollout_verdict" ("id", "rollout", "at", "event_time", "stage", "weight", "verdict", "sentence", "checks") values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict ("rollout", "event_time") do update set "verdict" = ?, "sentence" = ?, "checks" = ?, "stage" = ?, "weight" = ?, "at" = ?;

-- listVerdicts
select * from "rollout_verdict" where "rollout" = ? order by "event_time";

-- newestVerdict
select * from "rollout_verdict" where "rollout" = ? order by "event_time" desc limit ?;

-- promotedVersions
select "candidate", "model", "ended_at" from "rollout" where "endpoint" = ? and "stage" = ? order by "ended_at" desc, "id" desc;

-- undoPromotion
update "rollout" set "stage" = ?, "weight" = ?, "sentence" = ?, "ended_event_time" = ? where "endpoint" = ? and "candidate" = ? and "stage" = ?;

-- liveSince
select "ended_event_time", "candidate" from "rollout" where "endpoint" = ? and "stage" = ? order by "ended_at" desc, "id" desc limit ?;
select "candidate", "model", "ended_at" from "rollout" where "endpoint" = ? and "stage" = ? order by "ended_at" desc, "id" desc;

-- replaceCompared
delete from "pair_slice" where "endpoint" = ? and "hour" in (?, ?);
delete from "draw_hour" where "endpoint" = ? and "hour" in (?, ?);
insert into "pair_slice" ("endpoint", "hour", "version_a", "version_b", "slice", "n", "abs_error_a", "abs_error_b", "squared_error_a", "squared_error_b", "log_loss_a", "log_loss_b", "wrong_a", "wrong_b", "abs_actual") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
insert into "draw_hour" ("endpoint", "hour", "version", "slice", "n", "weight", "abs_error", "squared_error", "log_loss", "wrong", "abs_actual") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- pairsBetween
select * from "pair_slice" where "endpoint" = ? and "version_a" = ? and "version_b" = ? and "hour" >= ? and "hour" < ? order by "hour";

-- drawsBetween
select * from "draw_hour" where "endpoint" = ? and "version" in (?, ?) and "hour" >= ? and "hour" < ? order by "hour", "version", "slice";
