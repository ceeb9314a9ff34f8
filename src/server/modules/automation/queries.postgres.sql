-- upsertRule
insert into "rule" ("name", "project_id", "endpoint", "spec", "mode", "created_at", "updated_at") values ($1, $2, $3, $4, $5, $6, $7) on conflict ("name") do update set "spec" = $8, "mode" = $9, "endpoint" = $10, "updated_at" = $11;

-- listRules
select * from "rule" order by "name";

-- findRule
select * from "rule" where "name" = $1;

-- setRuleMode
update "rule" set "mode" = $1, "updated_at" = $2 where "name" = $3;

-- isEnabled
select "enabled" from "automation_switch" where "id" = $1;

-- setEnabled
insert into "automation_switch" ("id", "enabled", "reason", "at") values ($1, $2, $3, $4) on conflict ("id") do update set "enabled" = $5, "reason" = $6, "at" = $7;

-- insertDecision
insert into "decision" ("id", "at", "event_time", "rule", "endpoint", "verdict", "sentence", "numbers", "action", "key") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing;

-- listDecisions: all
select * from "decision" order by "event_time" desc, "id" desc limit $1;

-- listDecisions: of an endpoint
select * from "decision" where "endpoint" = $1 order by "event_time" desc, "id" desc limit $2;

-- newestDecision
select * from "decision" where "rule" = $1 order by "event_time" desc limit $2;

-- insertAction
insert into "automation_action" ("id", "project_id", "rule", "endpoint", "incident", "kind", "state", "sentence", "outcome", "outcome_sentence", "run", "rollout", "at", "event_time", "promoted_at", "ended_at", "ended_event_time", "key", "params", "numbers") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- updateAction
update "automation_action" set "state" = $1 where "id" = $2;

-- findAction
select * from "automation_action" where "id" = $1;

-- actionInFlight
select * from "automation_action" where "endpoint" = $1 and "state" in ($2, $3, $4, $5);

-- actionOfRollout
select * from "automation_action" where "rollout" = $1;

-- listActions: all
select * from "automation_action" order by "event_time" desc, "id" desc;

-- listActions: filtered
select * from "automation_action" where "endpoint" = $1 and "incident" = $2 and "state" = $3 and "rule" = $4 order by "event_time" desc, "id" desc;

-- listLooks: of a run
select * from "gate_look" where "run" = $1 order by "step", "look";

-- listLooks: of a step
select * from "gate_look" where "run" = $1 and "step" = $2 order by "step", "look";

-- insertLook
insert into "gate_look" ("run", "step", "look", "gate_from", "gate_to", "verdict", "sentence", "at", "numbers") values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing;
