-- beat
insert into "pipeline_holder" ("id", "project_id", "beat") values (?, ?, ?) on conflict ("id") do update set "beat" = "pipeline_holder"."beat" + ?;

-- listOthersAtWork
select * from "pipeline_holder" where "id" != ? and "id" in (select "holder" from "pipeline_attempt" where "state" = ?);

-- findHolder
select * from "pipeline_holder" where "id" = ?;

-- findPipeline
select * from "pipeline" where "project_id" = ? and "name" = ?;

-- listPipelines
select * from "pipeline" where "project_id" = ? order by "name";

-- upsertPipeline
insert into "pipeline" ("project_id", "name", "version", "turn", "created_at", "updated_at") values (?, ?, ?, ?, ?, ?) on conflict ("project_id", "name") do update set "version" = ?, "updated_at" = ?;

-- lockPipeline
update "pipeline" set "turn" = "turn" + ? where "project_id" = ? and "name" = ? returning *;

-- insertVersion
insert into "pipeline_version" ("project_id", "pipeline", "digest", "definition", "code", "created_at") values (?, ?, ?, ?, ?, ?) on conflict do nothing;

-- getVersion
select * from "pipeline_version" where "project_id" = ? and "pipeline" = ? and "digest" = ?;

-- findRun
select * from "pipeline_run" where "id" = ?;

-- getRun
select * from "pipeline_run" where "id" = ?;

-- findRunByKey
select * from "pipeline_run" where "project_id" = ? and "pipeline" = ? and "key" = ?;

-- insertRun
insert into "pipeline_run" ("id", "project_id", "pipeline", "version", "params", "trigger_kind", "trigger_ref", "key", "state", "remaining", "cancel", "sentence", "created_by", "created_at", "started_at", "ended_at") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
insert into "pipeline_node" ("run_id", "name", "project_id", "kind", "state", "pending", "fence", "user_failures", "infra_failures", "backoff_ms", "passed", "outputs", "sentence", "refused_by", "why", "ready_at", "started_at", "ended_at") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- updateRun
update "pipeline_run" set "state" = ? where "id" = ?;

-- countRuns
select count(*) as "n" from "pipeline_run" where "project_id" = ? and "pipeline" = ? and "state" = ?;

-- countRunsByState
select "pipeline", "state", count(*) as "n" from "pipeline_run" group by "pipeline", "state";

-- oldestQueued
select * from "pipeline_run" where "project_id" = ? and "pipeline" = ? and "state" = ? order by "id" limit ?;

-- newestRuns: all
select * from "pipeline_run" where "project_id" = ? order by "id" desc limit ?;

-- newestRuns: filtered
select * from "pipeline_run" where "project_id" = ? and "pipeline" = ? and "state" = ? and "id" < ? order by "id" desc limit ?;

-- takeFromRemaining
update "pipeline_run" set "remaining" = "remaining" - ? where "id" = ? returning *;

-- listNodes: all
select * from "pipeline_node" where "run_id" = ?;

-- listNodes: named
select * from "pipeline_node" where "run_id" = ? and "name" in (?, ?);

-- findNode
select * from "pipeline_node" where "run_id" = ? and "name" in (?);

-- changeNode
update "pipeline_node" set "state" = ?, "fence" = ? where "run_id" = ? and "name" = ? and "fence" = ? and "state" in (?, ?);

-- holdNode
update "pipeline_node" set "fence" = ? where "run_id" = ? and "name" = ? and "fence" = ? and "state" in (?, ?) returning *;

-- resetNode
update "pipeline_node" set "state" = ?, "pending" = ?, "user_failures" = ?, "infra_failures" = ?, "backoff_ms" = ?, "passed" = ?, "outputs" = ?, "sentence" = ?, "refused_by" = ?, "why" = ?, "ready_at" = ?, "started_at" = ?, "ended_at" = ? where "run_id" = ? and "name" = ? and "fence" = ? and "state" in (?);

-- countDown
update "pipeline_node" set "pending" = "pending" - ? where "run_id" = ? and "state" = ? and "name" in (?, ?) returning *;

-- listReadyCommands
select * from "pipeline_node" where "state" = ? and "kind" = ? and "backoff_ms" = ? order by "ready_at" limit ?;

-- listReadyOthers
select * from "pipeline_node" where "state" = ? and ("kind" != ? or "backoff_ms" > ?) order by "ready_at";

-- insertAttempt
insert into "pipeline_attempt" ("id", "project_id", "run_id", "node", "fence", "holder", "state", "reason", "exit_code", "pid", "started_at", "ended_at") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- updateAttempt
update "pipeline_attempt" set "state" = ?, "ended_at" = ? where "id" = ? and "state" = ?;

-- listAttempts: of a run
select * from "pipeline_attempt" where "run_id" = ? order by "fence";

-- listAttempts: of a node
select * from "pipeline_attempt" where "run_id" = ? and "node" = ? order by "fence";

-- findAttempt
select * from "pipeline_attempt" where "id" = ?;

-- runningAttempts
select * from "pipeline_attempt" where "state" = ? and "holder" = ?;

-- endedAmong
select "id" from "pipeline_attempt" where "state" = ? and "id" in (?, ?);

-- findCached
select * from "pipeline_cache" where "project_id" = ? and "key" = ?;

-- newestCached
select * from "pipeline_cache" where "project_id" = ? and "pipeline" = ? and "node" = ? order by "created_at" desc limit ?;

-- insertCached
insert into "pipeline_cache" ("project_id", "key", "pipeline", "node", "run_id", "outputs", "fields", "created_at") values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing;

-- deleteCached
delete from "pipeline_cache" where "project_id" = ? and "key" = ?;

-- listTriggers: all
select * from "pipeline_trigger" where "project_id" = ?;

-- listTriggers: of a pipeline
select * from "pipeline_trigger" where "project_id" = ? and "pipeline" = ?;

-- insertTrigger
insert into "pipeline_trigger" ("project_id", "pipeline", "id", "trigger", "event", "since", "next_at") values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing;

-- deleteTriggersExcept: all
delete from "pipeline_trigger" where "project_id" = ? and "pipeline" = ?;

-- deleteTriggersExcept: but some
delete from "pipeline_trigger" where "project_id" = ? and "pipeline" = ? and "id" not in (?, ?);

-- listDue
select * from "pipeline_trigger" where "next_at" <= ?;

-- earliestNext
select min("next_at") as "at" from "pipeline_trigger";

-- advance
update "pipeline_trigger" set "next_at" = ? where "project_id" = ? and "pipeline" = ? and "id" = ? and "next_at" = ?;

-- listEventTriggers
select * from "pipeline_trigger" where "event" is not null;

-- insertFire
insert into "pipeline_trigger_fire" ("project_id", "pipeline", "trigger_id", "ref", "run_id", "at") values (?, ?, ?, ?, ?, ?) on conflict do nothing;
