-- findOpen
select * from "incident" where "endpoint" = ? and "signal" = ? and "state" <> ?;

-- newestNumber
select max("number") as "number" from "incident";

-- insertIncident
insert into "incident" ("id", "project_id", "number", "endpoint", "signal", "severity", "state", "title", "cause", "numbers", "opened_at", "opened_event_time", "closed_at", "closed_event_time", "closed_reason") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- updateIncident
update "incident" set "state" = ?, "closed_at" = ? where "id" = ?;

-- findIncident
select * from "incident" where "id" = ?;

-- findNumbered
select * from "incident" where "number" = ?;

-- incidentNumbers
select "numbers" from "incident" where "id" = ?;

-- listIncidents: all
select * from "incident" order by case when "state" = ? then 1 else 0 end, "number" desc;

-- listIncidents: filtered
select * from "incident" where "endpoint" = ? and "state" = ? order by case when "state" = ? then 1 else 0 end, "number" desc;

-- insertEntry
insert into "incident_entry" ("id", "incident", "at", "event_time", "kind", "state", "title", "body", "link", "numbers", "key") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing;

-- listEntries
select * from "incident_entry" where "incident" = ? order by "at", "id";

-- countOpenBySignal
select "endpoint", "signal", count(*) as "n" from "incident" where "state" <> ? group by "endpoint", "signal";

-- countOpen
select count(*) as "n" from "incident" where "endpoint" = ? and "state" <> ?;

-- replaceOutcomes
delete from "outcome_block" where "endpoint" = ? and "hour" in (?, ?);
insert into "outcome_block" ("endpoint", "hour", "block", "version", "kind", "n", "error", "abs_error", "squared_error", "actual", "abs_actual", "log_loss", "correct", "tp", "fp", "fn", "scores", "by_entity", "named") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- actualByHour
select "hour", case when count("actual") = count(*) then sum("actual") end as "actual" from "outcome_block" where "endpoint" = ? and "kind" = ? and "hour" >= ? and "hour" < ? group by "hour";

-- outcomesByUnit: of all versions
select (hour / 86400000) * 86400000 as "start", min(0) as "block", sum("n") as "n", sum("named") as "named", sum("correct") as "correct", case when count("error") = count(*) then sum("error") end as "error", case when count("abs_error") = count(*) then sum("abs_error") end as "abs_error", case when count("squared_error") = count(*) then sum("squared_error") end as "squared_error", case when count("actual") = count(*) then sum("actual") end as "actual", case when count("abs_actual") = count(*) then sum("abs_actual") end as "abs_actual", case when count("log_loss") = count(*) then sum("log_loss") end as "log_loss", case when count("tp") = count(*) then sum("tp") end as "tp", case when count("fp") = count(*) then sum("fp") end as "fp", case when count("fn") = count(*) then sum("fn") end as "fn" from "outcome_block" where "endpoint" = ? and "kind" = ? and "hour" >= ? and "hour" < ? group by (hour / 86400000) * 86400000 order by "start";

-- outcomesByUnit: of a version by block
select (hour / 86400000) * 86400000 as "start", block as "block", sum("n") as "n", sum("named") as "named", sum("correct") as "correct", case when count("error") = count(*) then sum("error") end as "error", case when count("abs_error") = count(*) then sum("abs_error") end as "abs_error", case when count("squared_error") = count(*) then sum("squared_error") end as "squared_error", case when count("actual") = count(*) then sum("actual") end as "actual", case when count("abs_actual") = count(*) then sum("abs_actual") end as "abs_actual", case when count("log_loss") = count(*) then sum("log_loss") end as "log_loss", case when count("tp") = count(*) then sum("tp") end as "tp", case when count("fp") = count(*) then sum("fp") end as "fp", case when count("fn") = count(*) then sum("fn") end as "fn" from "outcome_block" where "endpoint" = ? and "kind" = ? and "hour" >= ? and "hour" < ? and "version" = ? group by (hour / 86400000) * 86400000, block order by "start";

-- outcomesByUnit: of entities
select (hour / 86400000) * 86400000 as "start", block as "block", sum("n") as "n", sum("named") as "named", sum("correct") as "correct", case when count("error") = count(*) then sum("error") end as "error", case when count("abs_error") = count(*) then sum("abs_error") end as "abs_error", case when count("squared_error") = count(*) then sum("squared_error") end as "squared_error", case when count("actual") = count(*) then sum("actual") end as "actual", case when count("abs_actual") = count(*) then sum("abs_actual") end as "abs_actual", case when count("log_loss") = count(*) then sum("log_loss") end as "log_loss", case when count("tp") = count(*) then sum("tp") end as "tp", case when count("fp") = count(*) then sum("fp") end as "fp", case when count("fn") = count(*) then sum("fn") end as "fn" from "outcome_block" where "endpoint" = ? and "kind" = ? and "hour" >= ? and "hour" < ? and "by_entity" = ? group by (hour / 86400000) * 86400000, block order by "start";

-- scoresByHour
select "hour", "block", "scores" from "outcome_block" where "endpoint" = ? and "kind" = ? and "hour" >= ? and "hour" < ? and "version" = ?;

-- versionsByUnit
select "kind", (hour / 86400000) * 86400000 as "start", "version" from "outcome_block" where "endpoint" = ? and "hour" >= ? and "hour" < ? group by (hour / 86400000) * 86400000, "kind", "version" order by "start";

-- findMonitor
select * from "monitor" where "endpoint" = ?;

-- listMonitors
select * from "monitor" order by "endpoint";

-- upsertMonitor
insert into "monitor" ("endpoint", "project_id", "spec", "anchor", "state", "since", "sentence", "unit", "relative_limit", "updated_at") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict ("endpoint") do update set "spec" = ?, "updated_at" = ?;

-- updateMonitor
update "monitor" set "sentence" = ? where "endpoint" = ?;

-- findProfile
select * from "profile_bucket" where "endpoint" = ? and "version" = ? and "kind" = ? and "start" = ?;

-- putProfile
insert into "profile_bucket" ("endpoint", "version", "kind", "start", "rows", "errors", "columns", "outputs") values (?, ?, ?, ?, ?, ?, ?, ?) on conflict ("endpoint", "version", "kind", "start") do update set "rows" = ?, "errors" = ?, "columns" = ?, "outputs" = ?;

-- profilesBetween
select * from "profile_bucket" where "endpoint" = ? and "start" >= ? and "start" < ? order by "start";

-- addFeed
insert into "feed_bucket" ("endpoint", "start", "rows", "refused", "not_captured") values (?, ?, ?, ?, ?) on conflict ("endpoint", "start") do update set "rows" = "feed_bucket"."rows" + ?, "refused" = "feed_bucket"."refused" + ?, "not_captured" = "feed_bucket"."not_captured" + ?;

-- feedBetween
select sum("rows") as "rows", sum("refused") as "refused", sum("not_captured") as "not_captured" from "feed_bucket" where "endpoint" = ? and "start" >= ? and "start" < ?;

-- feedBuckets
select "start", "rows" from "feed_bucket" where "endpoint" = ? and "start" >= ? and "start" < ?;

-- nextFeed
select min("start") as "start" from "feed_bucket" where "endpoint" = ? and "start" > ?;

-- replaceWindow
update "monitor_window" set "stop" = ?, "state" = ?, "version" = ?, "sentence" = ?, "numbers" = ?, "judged_at" = ? where "endpoint" = ? and "subject" = ? and "start" = ?;

-- insertWindow
insert into "monitor_window" ("endpoint", "subject", "start", "stop", "state", "version", "sentence", "numbers", "judged_at") values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing;

-- newestWindow
select * from "monitor_window" where "endpoint" = ? and "subject" = ? order by "start" desc limit ?;

-- judgedWindows: newest
select * from "monitor_window" where "endpoint" = ? and "subject" = ? and "state" in (?, ?, ?) order by "start" desc limit ?;

-- judgedWindows: bounded
select * from "monitor_window" where "endpoint" = ? and "subject" = ? and "state" in (?, ?, ?) and "start" < ? and "start" >= ? order by "start" desc limit ?;

-- judgedAfter
select * from "monitor_window" where "endpoint" = ? and "subject" = ? and "state" in (?, ?, ?) and "start" > ? order by "start" limit ?;

-- markLate
insert into "late_window" ("endpoint", "start") values (?, ?), (?, ?) on conflict do nothing;

-- unmarkLate
delete from "late_window" where "endpoint" = ? and "start" = ?;

-- oldestLate
select "monitor_window".* from "late_window" inner join "monitor_window" on "monitor_window"."endpoint" = "late_window"."endpoint" and "monitor_window"."start" = "late_window"."start" where "late_window"."endpoint" = ? and "monitor_window"."subject" = ? order by "monitor_window"."start" limit ?;

-- performanceSpans
select "start", "stop" from "monitor_window" where "endpoint" = ? and "subject" = ? and "stop" > ? and "start" < ?;

-- windowsBetween
select * from "monitor_window" where "endpoint" = ? and "subject" = ? and "stop" > ? and "start" < ? order by "start";

-- openQuarantine
select * from "quarantine" where "endpoint" = ? and "lifted_at" is null;

-- listQuarantines
select * from "quarantine" where "endpoint" = ? order by "start";

-- insertQuarantine
insert into "quarantine" ("id", "endpoint", "start", "stop", "clean_windows", "lifted_at", "reason", "incident") values (?, ?, ?, ?, ?, ?, ?, ?);

-- updateQuarantine
update "quarantine" set "lifted_at" = ? where "id" = ?;

-- addMarker
insert into "change_marker" ("endpoint", "at", "kind", "label", "link", "changes_live") values (?, ?, ?, ?, ?, ?) on conflict do nothing;

-- listMarkers
select * from "change_marker" where "endpoint" = ? and "at" >= ? and "at" <= ? order by "at";

-- lastChange
select * from "change_marker" where "endpoint" = ? and "changes_live" = ? and "at" <= ? order by "at" desc limit ?;
