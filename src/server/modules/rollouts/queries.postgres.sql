-- insertRollout
insert into "rollout" ("id", "project_id", "endpoint", "model", "candidate", "champion", "stage", "weight", "paused_by", "answers_drift", "reason", "incident", "sentence", "progress", "started_at", "started_event_time", "step_event_time", "ended_at", "ended_event_time") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19);

-- findRollout
select * from "rollout" where "id" = $1;

-- activeRollout
select * from "rollout" where "endpoint" = $1 and "ended_at" is null;

-- listRollouts: all
select * from "rollout" order by "started_at" desc, "id" desc limit $1;

-- listRollouts: of an endpoint
select * from "rollout" where "endpoint" = $1 order by "started_at" desc, "id" desc limit $2;

-- updateRollout
update "rollout" set "stage" = $1, "progress" = $2 where "id" = $3;

-- insertVerdict
insert into "rollout_verdict" ("id", "rollout", "at", "event_time", "stage", "weight", "verdict", "sentence", "checks") values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict ("rollout", "event_time") do update set "verdict" = $10, "sentence" = $11, "checks" = $12, "stage" = $13, "weight" = $14, "at" = $15;

-- listVerdicts
select * from "rollout_verdict" where "rollout" = $1 order by "event_time";

-- newestVerdict
select * from "rollout_verdict" where "rollout" = $1 order by "event_time" desc limit $2;

-- promotedVersions
select "candidate", "model", "ended_at" from "rollout" where "endpoint" = $1 and "stage" = $2 order by "ended_at" desc, "id" desc;

-- undoPromotion
update "rollout" set "stage" = $1, "weight" = $2, "sentence" = $3, "ended_event_time" = $4 where "endpoint" = $5 and "candidate" = $6 and "stage" = $7;

-- liveSince
select "ended_event_time", "candidate" from "rollout" where "endpoint" = $1 and "stage" = $2 order by "ended_at" desc, "id" desc limit $3;
select "candidate", "model", "ended_at" from "rollout" where "endpoint" = $1 and "stage" = $2 order by "ended_at" desc, "id" desc;

-- replaceCompared
delete from "pair_slice" where "endpoint" = $1 and "hour" in ($2, $3);
delete from "draw_hour" where "endpoint" = $1 and "hour" in ($2, $3);
insert into "pair_slice" ("endpoint", "hour", "version_a", "version_b", "slice", "n", "abs_error_a", "abs_error_b", "squared_error_a", "squared_error_b", "log_loss_a", "log_loss_b", "wrong_a", "wrong_b", "abs_actual") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);
insert into "draw_hour" ("endpoint", "hour", "version", "slice", "n", "weight", "abs_error", "squared_error", "log_loss", "wrong", "abs_actual") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- pairsBetween
select * from "pair_slice" where "endpoint" = $1 and "version_a" = $2 and "version_b" = $3 and "hour" >= $4 and "hour" < $5 order by "hour";

-- drawsBetween
select * from "draw_hour" where "endpoint" = $1 and "version" in ($2, $3) and "hour" >= $4 and "hour" < $5 order by "hour", "version", "slice";
