-- beat
insert into "pipeline_holder" ("id", "project_id", "beat") values ($1, $2, $3) on conflict ("id") do update set "beat" = "pipeline_holder"."beat" + $4;

-- listOthersAtWork
select * from "pipeline_holder" where "id" != $1 and "id" in (select "holder" from "pipeline_attempt" where "state" = $2);

-- findHolder
select * from "pipeline_holder" where "id" = $1;

-- findPipeline
select * from "pipeline" where "project_id" = $1 and "name" = $2;

-- listPipelines
select * from "pipeline" where "project_id" = $1 order by "name";

-- upsertPipeline
insert into "pipeline" ("project_id", "name", "version", "turn", "created_at", "updated_at") values ($1, $2, $3, $4, $5, $6) on conflict ("project_id", "name") do update set "version" = $7, "updated_at" = $8;

-- lockPipeline
update "pipeline" set "turn" = "turn" + $1 where "project_id" = $2 and "name" = $3 returning *;

-- insertVersion
insert into "pipeline_version" ("project_id", "pipeline", "digest", "definition", "code", "created_at") values ($1, $2, $3, $4, $5, $6) on conflict do nothing;

-- getVersion
select * from "pipeline_version" where "project_id" = $1 and "pipeline" = $2 and "digest" = $3;

-- findRun
select * from "pipeline_run" where "id" = $1;

-- getRun
select * from "pipeline_run" where "id" = $1;

-- findRunByKey
select * from "pipeline_run" where "project_id" = $1 and "pipeline" = $2 and "key" = $3;

-- insertRun
insert into "pipeline_run" ("id", "project_id", "pipeline", "version", "params", "trigger_kind", "trigger_ref", "key", "state", "remaining", "cancel", "sentence", "created_by", "created_at", "started_at", "ended_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);
insert into "pipeline_node" ("run_id", "name", "project_id", "kind", "state", "pending", "fence", "user_failures", "infra_failures", "backoff_ms", "passed", "outputs", "sentence", "refused_by", "why", "ready_at", "started_at", "ended_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);

-- updateRun
update "pipeline_run" set "state" = $1 where "id" = $2;

-- countRuns
select count(*) as "n" from "pipeline_run" where "project_id" = $1 and "pipeline" = $2 and "state" = $3;

-- countRunsByState
select "pipeline", "state", count(*) as "n" from "pipeline_run" group by "pipeline", "state";

-- oldestQueued
select * from "pipeline_run" where "project_id" = $1 and "pipeline" = $2 and "state" = $3 order by "id" limit $4;

-- newestRuns: all
select * from "pipeline_run" where "project_id" = $1 order by "id" desc limit $2;

-- newestRuns: filtered
select * from "pipeline_run" where "project_id" = $1 and "pipeline" = $2 and "state" = $3 and "id" < $4 order by "id" desc limit $5;

-- takeFromRemaining
update "pipeline_run" set "remaining" = "remaining" - $1 where "id" = $2 returning *;

-- listNodes: all
select * from "pipeline_node" where "run_id" = $1;

-- listNodes: named
select * from "pipeline_node" where "run_id" = $1 and "name" in ($2, $3);

-- findNode
select * from "pipeline_node" where "run_id" = $1 and "name" in ($2);

-- changeNode
update "pipeline_node" set "state" = $1, "fence" = $2 where "run_id" = $3 and "name" = $4 and "fence" = $5 and "state" in ($6, $7);

-- holdNode
update "pipeline_node" set "fence" = $1 where "run_id" = $2 and "name" = $3 and "fence" = $4 and "state" in ($5, $6) returning *;

-- resetNode
update "pipeline_node" set "state" = $1, "pending" = $2, "user_failures" = $3, "infra_failures" = $4, "backoff_ms" = $5, "passed" = $6, "outputs" = $7, "sentence" = $8, "refused_by" = $9, "why" = $10, "ready_at" = $11, "started_at" = $12, "ended_at" = $13 where "run_id" = $14 and "name" = $15 and "fence" = $16 and "state" in ($17);

-- countDown
update "pipeline_node" set "pending" = "pending" - $1 where "run_id" = $2 and "state" = $3 and "name" in ($4, $5) returning *;

-- listReadyCommands
select * from "pipeline_node" where "state" = $1 and "kind" = $2 and "backoff_ms" = $3 order by "ready_at" limit $4;

-- listReadyOthers
select * from "pipeline_node" where "state" = $1 and ("kind" != $2 or "backoff_ms" > $3) order by "ready_at";

-- insertAttempt
insert into "pipeline_attempt" ("id", "project_id", "run_id", "node", "fence", "holder", "state", "reason", "exit_code", "pid", "started_at", "ended_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- updateAttempt
update "pipeline_attempt" set "state" = $1, "ended_at" = $2 where "id" = $3 and "state" = $4;

-- listAttempts: of a run
select * from "pipeline_attempt" where "run_id" = $1 order by "fence";

-- listAttempts: of a node
select * from "pipeline_attempt" where "run_id" = $1 and "node" = $2 order by "fence";

-- findAttempt
select * from "pipeline_attempt" where "id" = $1;

-- runningAttempts
select * from "pipeline_attempt" where "state" = $1 and "holder" = $2;

-- endedAmong
select "id" from "pipeline_attempt" where "state" = $1 and "id" in ($2, $3);

-- findCached
select * from "pipeline_cache" where "project_id" = $1 and "key" = $2;

-- newestCached
select * from "pipeline_cache" where "project_id" = $1 and "pipeline" = $2 and "node" = $3 order by "created_at" desc limit $4;

-- insertCached
insert into "pipeline_cache" ("project_id", "key", "pipeline", "node", "run_id", "outputs", "fields", "created_at") values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing;

-- deleteCached
delete from "pipeline_cache" where "project_id" = $1 and "key" = $2;

-- listTriggers: all
select * from "pipeline_trigger" where "project_id" = $1;

-- listTriggers: of a pipeline
select * from "pipeline_trigger" where "project_id" = $1 and "pipeline" = $2;

-- insertTrigger
insert into "pipeline_trigger" ("project_id", "pipeline", "id", "trigger", "event", "since", "next_at") values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing;

-- deleteTriggersExcept: all
delete from "pipeline_trigger" where "project_id" = $1 and "pipeline" = $2;

-- deleteTriggersExcept: but some
delete from "pipeline_trigger" where "project_id" = $1 and "pipeline" = $2 and "id" not in ($3, $4);

-- listDue
select * from "pipeline_trigger" where "next_at" <= $1;

-- earliestNext
select min("next_at") as "at" from "pipeline_trigger";

-- advance
update "pipeline_trigger" set "next_at" = $1 where "project_id" = $2 and "pipeline" = $3 and "id" = $4 and "next_at" = $5;

-- listEventTriggers
select * from "pipeline_trigger" where "event" is not null;

-- insertFire
insert into "pipeline_trigger_fire" ("project_id", "pipeline", "trigger_id", "ref", "run_id", "at") values ($1, $2, $3, $4, $5, $6) on conflict do nothing;
