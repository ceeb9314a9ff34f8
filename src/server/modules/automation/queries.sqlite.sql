-- upsertRule
insert into "rule" ("name", "project_id", "endpoint", "spec", "mode", "created_at", "updated_at") values (?, ?, ?, ?, ?, ?, ?) on conflict ("name") do update set "spec" = ?, "mode" = ?, "endpoint" = ?, "updated_at" = ?;

-- listRules
select * from "rule" order by "name";

-- findRule
select * from "rule" where "name" = ?;

-- setRuleMode
update "rule" set "mode" = ?, "updated_at" = ? where "name" = ?;

-- isEnabled
select "enabled" from "automation_switch" where "id" = ?;

-- setEnabled
insert into "automation_switch" ("id", "enabled", "reason", "at") values (?, ?, ?, ?) on conflict ("id") do update set "enabled" = ?, "reason" = ?, "at" = ?;

-- insertDecision
insert into "decision" ("id", "at", "event_time", "rule", "endpoint", "verdict", "sentence", "numbers", "action", "key") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing;

-- listDecisions: all
select * from "decision" order by "event_time" desc, "id" desc limit ?;

-- listDecisions: of an endpoint
select * from "decision" where "endpoint" = ? order by "event_time" desc, "id" desc limit ?;

-- newestDecision
select * from "decision" where "rule" = ? order by "event_time" desc limit ?;

-- insertAction
insert into "automation_action" ("id", "project_id", "rule", "endpoint", "incident", "kind", "state", "sentence", "outcome", "outcome_sentence", "run", "rollout", "at", "event_time", "promoted_at", "ended_at", "ended_event_time", "key", "params", "numbers") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- updateAction
update "automation_action" set "state" = ? where "id" = ?;

-- findAction
select * from "automation_action" where "id" = ?;

-- actionInFlight
select * from "automation_action" where "endpoint" = ? and "state" in (?, ?, ?, ?);

-- actionOfRollout
select * from "automation_action" where "rollout" = ?;

-- listActions: all
select * from "automation_action" order by "event_time" desc, "id" desc;

-- listActions: filtered
select * from "automation_action" where "endpoint" = ? and "incident" = ? and "state" = ? and "rule" = ? order by "event_time" desc, "id" desc;

-- listLooks: of a run
select * from "gate_look" where "run" = ? order by "step", "look";

-- listLooks: of a step
select * from "gate_look" where "run" = ? and "step" = ? order by "step", "look";

-- insertLook
insert into "gate_look" ("run", "step", "look", "gate_from", "gate_to", "verdict", "sentence", "at", "numbers") values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing;
