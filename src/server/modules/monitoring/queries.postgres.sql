-- findOpen
select * from "incident" where "endpoint" = $1 and "signal" = $2 and "state" <> $3;

-- newestNumber
select max("number") as "number" from "incident";

-- insertIncident
insert into "incident" ("id", "project_id", "number", "endpoint", "signal", "severity", "state", "title", "cause", "numbers", "opened_at", "opened_event_time", "closed_at", "closed_event_time", "closed_reason") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- updateIncident
update "incident" set "state" = $1, "closed_at" = $2 where "id" = $3;

-- findIncident
select * from "incident" where "id" = $1;

-- findNumbered
select * from "incident" where "number" = $1;

-- incidentNumbers
select "numbers" from "incident" where "id" = $1;

-- listIncidents: all
select * from "incident" order by case when "state" = $1 then 1 else 0 end, "number" desc;

-- listIncidents: filtered
select * from "incident" where "endpoint" = $1 and "state" = $2 order by case when "state" = $3 then 1 else 0 end, "number" desc;

-- insertEntry
insert into "incident_entry" ("id", "incident", "at", "event_time", "kind", "state", "title", "body", "link", "numbers", "key") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing;

-- listEntries
select * from "incident_entry" where "incident" = $1 order by "at", "id";

-- countOpenBySignal
select "endpoint", "signal", count(*) as "n" from "incident" where "state" <> $1 group by "endpoint", "signal";

-- countOpen
select count(*) as "n" from "incident" where "endpoint" = $1 and "state" <> $2;

-- replaceOutcomes
delete from "outcome_block" where "endpoint" = $1 and "hour" in ($2, $3);
insert into "outcome_block" ("endpoint", "hour", "block", "version", "kind", "n", "error", "abs_error", "squared_error", "actual", "abs_actual", "log_loss", "correct", "tp", "fp", "fn", "scores", "by_entity", "named") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19);

-- actualByHour
select "hour", case when count("actual") = count(*) then sum("actual") end as "actual" from "outcome_block" where "endpoint" = $1 and "kind" = $2 and "hour" >= $3 and "hour" < $4 group by "hour";

-- outcomesByUnit: of all versions
select (hour / 86400000) * 86400000 as "start", min(0) as "block", sum("n") as "n", sum("named") as "named", sum("correct") as "correct", case when count("error") = count(*) then sum("error") end as "error", case when count("abs_error") = count(*) then sum("abs_error") end as "abs_error", case when count("squared_error") = count(*) then sum("squared_error") end as "squared_error", case when count("actual") = count(*) then sum("actual") end as "actual", case when count("abs_actual") = count(*) then sum("abs_actual") end as "abs_actual", case when count("log_loss") = count(*) then sum("log_loss") end as "log_loss", case when count("tp") = count(*) then sum("tp") end as "tp", case when count("fp") = count(*) then sum("fp") end as "fp", case when count("fn") = count(*) then sum("fn") end as "fn" from "outcome_block" where "endpoint" = $1 and "kind" = $2 and "hour" >= $3 and "hour" < $4 group by (hour / 86400000) * 86400000 order by "start";

-- outcomesByUnit: of a version by block
select (hour / 86400000) * 86400000 as "start", block as "block", sum("n") as "n", sum("named") as "named", sum("correct") as "correct", case when count("error") = count(*) then sum("error") end as "error", case when count("abs_error") = count(*) then sum("abs_error") end as "abs_error", case when count("squared_error") = count(*) then sum("squared_error") end as "squared_error", case when count("actual") = count(*) then sum("actual") end as "actual", case when count("abs_actual") = count(*) then sum("abs_actual") end as "abs_actual", case when count("log_loss") = count(*) then sum("log_loss") end as "log_loss", case when count("tp") = count(*) then sum("tp") end as "tp", case when count("fp") = count(*) then sum("fp") end as "fp", case when count("fn") = count(*) then sum("fn") end as "fn" from "outcome_block" where "endpoint" = $1 and "kind" = $2 and "hour" >= $3 and "hour" < $4 and "version" = $5 group by (hour / 86400000) * 86400000, block order by "start";

-- outcomesByUnit: of entities
select (hour / 86400000) * 86400000 as "start", block as "block", sum("n") as "n", sum("named") as "named", sum("correct") as "correct", case when count("error") = count(*) then sum("error") end as "error", case when count("abs_error") = count(*) then sum("abs_error") end as "abs_error", case when count("squared_error") = count(*) then sum("squared_error") end as "squared_error", case when count("actual") = count(*) then sum("actual") end as "actual", case when count("abs_actual") = count(*) then sum("abs_actual") end as "abs_actual", case when count("log_loss") = count(*) then sum("log_loss") end as "log_loss", case when count("tp") = count(*) then sum("tp") end as "tp", case when count("fp") = count(*) then sum("fp") end as "fp", case when count("fn") = count(*) then sum("fn") end as "fn" from "outcome_block" where "endpoint" = $1 and "kind" = $2 and "hour" >= $3 and "hour" < $4 and "by_entity" = $5 group by (hour / 86400000) * 86400000, block order by "start";

-- scoresByHour
select "hour", "block", "scores" from "outcome_block" where "endpoint" = $1 and "kind" = $2 and "hour" >= $3 and "hour" < $4 and "version" = $5;

-- versionsByUnit
select "kind", (hour / 86400000) * 86400000 as "start", "version" from "outcome_block" where "endpoint" = $1 and "hour" >= $2 and "hour" < $3 group by (hour / 86400000) * 86400000, "kind", "version" order by "start";

-- findMonitor
select * from "monitor" where "endpoint" = $1;

-- listMonitors
select * from "monitor" order by "endpoint";

-- upsertMonitor
insert into "monitor" ("endpoint", "project_id", "spec", "anchor", "state", "since", "sentence", "unit", "relative_limit", "updated_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict ("endpoint") do update set "spec" = $11, "updated_at" = $12;

-- updateMonitor
update "monitor" set "sentence" = $1 where "endpoint" = $2;

-- findProfile
select * from "profile_bucket" where "endpoint" = $1 and "version" = $2 and "kind" = $3 and "start" = $4;

-- putProfile
insert into "profile_bucket" ("endpoint", "version", "kind", "start", "rows", "errors", "columns", "outputs") values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict ("endpoint", "version", "kind", "start") do update set "rows" = $9, "errors" = $10, "columns" = $11, "outputs" = $12;

-- profilesBetween
select * from "profile_bucket" where "endpoint" = $1 and "start" >= $2 and "start" < $3 order by "start";

-- addFeed
insert into "feed_bucket" ("endpoint", "start", "rows", "refused", "not_captured") values ($1, $2, $3, $4, $5) on conflict ("endpoint", "start") do update set "rows" = "feed_bucket"."rows" + $6, "refused" = "feed_bucket"."refused" + $7, "not_captured" = "feed_bucket"."not_captured" + $8;

-- feedBetween
select sum("rows") as "rows", sum("refused") as "refused", sum("not_captured") as "not_captured" from "feed_bucket" where "endpoint" = $1 and "start" >= $2 and "start" < $3;

-- feedBuckets
select "start", "rows" from "feed_bucket" where "endpoint" = $1 and "start" >= $2 and "start" < $3;

-- nextFeed
select min("start") as "start" from "feed_bucket" where "endpoint" = $1 and "start" > $2;

-- replaceWindow
update "monitor_window" set "stop" = $1, "state" = $2, "version" = $3, "sentence" = $4, "numbers" = $5, "judged_at" = $6 where "endpoint" = $7 and "subject" = $8 and "start" = $9;

-- insertWindow
insert into "monitor_window" ("endpoint", "subject", "start", "stop", "state", "version", "sentence", "numbers", "judged_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing;

-- newestWindow
select * from "monitor_window" where "endpoint" = $1 and "subject" = $2 order by "start" desc limit $3;

-- judgedWindows: newest
select * from "monitor_window" where "endpoint" = $1 and "subject" = $2 and "state" in ($3, $4, $5) order by "start" desc limit $6;

-- judgedWindows: bounded
select * from "monitor_window" where "endpoint" = $1 and "subject" = $2 and "state" in ($3, $4, $5) and "start" < $6 and "start" >= $7 order by "start" desc limit $8;

-- judgedAfter
select * from "monitor_window" where "endpoint" = $1 and "subject" = $2 and "state" in ($3, $4, $5) and "start" > $6 order by "start" limit $7;

-- markLate
insert into "late_window" ("endpoint", "start") values ($1, $2), ($3, $4) on conflict do nothing;

-- unmarkLate
delete from "late_window" where "endpoint" = $1 and "start" = $2;

-- oldestLate
select "monitor_window".* from "late_window" inner join "monitor_window" on "monitor_window"."endpoint" = "late_window"."endpoint" and "monitor_window"."start" = "late_window"."start" where "late_window"."endpoint" = $1 and "monitor_window"."subject" = $2 order by "monitor_window"."start" limit $3;

-- performanceSpans
select "start", "stop" from "monitor_window" where "endpoint" = $1 and "subject" = $2 and "stop" > $3 and "start" < $4;

-- windowsBetween
select * from "monitor_window" where "endpoint" = $1 and "subject" = $2 and "stop" > $3 and "start" < $4 order by "start";

-- openQuarantine
select * from "quarantine" where "endpoint" = $1 and "lifted_at" is null;

-- listQuarantines
select * from "quarantine" where "endpoint" = $1 order by "start";

-- insertQuarantine
insert into "quarantine" ("id", "endpoint", "start", "stop", "clean_windows", "lifted_at", "reason", "incident") values ($1, $2, $3, $4, $5, $6, $7, $8);

-- updateQuarantine
update "quarantine" set "lifted_at" = $1 where "id" = $2;

-- addMarker
insert into "change_marker" ("endpoint", "at", "kind", "label", "link", "changes_live") values ($1, $2, $3, $4, $5, $6) on conflict do nothing;

-- listMarkers
select * from "change_marker" where "endpoint" = $1 and "at" >= $2 and "at" <= $3 order by "at";

-- lastChange
select * from "change_marker" where "endpoint" = $1 and "changes_live" = $2 and "at" <= $3 order by "at" desc limit $4;
