-- findEndpoint
select * from "endpoint" where "name" = ?;

-- listEndpoints
select * from "endpoint" order by "name";

-- upsertEndpoint
insert into "endpoint" ("name", "project_id", "spec", "salt", "error_test", "created_at", "updated_at") values (?, ?, ?, ?, ?, ?, ?) on conflict ("name") do update set "spec" = ?, "updated_at" = ?;

-- setRouting
update "endpoint" set "salt" = ?, "error_test" = ? where "name" = ?;

-- listVariants: all
select * from "endpoint_variant" order by "endpoint", "version";

-- listVariants: of an endpoint
select * from "endpoint_variant" where "endpoint" = ? order by "endpoint", "version";

-- replaceVariants
delete from "endpoint_variant" where "endpoint" = ?;
insert into "endpoint_variant" ("endpoint", "name", "model", "version", "weight", "role", "since") values (?, ?, ?, ?, ?, ?, ?);

-- currentGeneration
select "generation" from "snapshot_generation" where "id" = ?;

-- nextGeneration
insert into "snapshot_generation" ("id", "generation") values (?, ?) on conflict ("id") do update set "generation" = "snapshot_generation"."generation" + ? returning "generation";

-- isIngested
select "sequence" from "segment_ingested" where "replica" = ? and "sequence" = ?;

-- markIngested
insert into "segment_ingested" ("replica", "sequence", "ingested_at") values (?, ?, ?) on conflict do nothing;

-- insertSegment
insert into "capture_segment" ("replica", "sequence", "endpoint", "digest", "rows", "min_time", "max_time", "ingested_at") values (?, ?, ?, ?, ?, ?, ?, ?);

-- segmentsBetween
select * from "capture_segment" where "endpoint" = ? and "max_time" >= ? and "min_time" < ? order by "min_time";

-- segmentsSince
select "digest" from "capture_segment" where "endpoint" = ? and "ingested_at" >= ?;

-- smallSegments
select * from "capture_segment" where "endpoint" = ? and "max_time" < ? and "rows" < ? order by "min_time";

-- mergeSegments
delete from "capture_segment" where "replica" = ? and "sequence" = ? and "endpoint" = ? and "digest" = ?;
insert into "capture_segment" ("replica", "sequence", "endpoint", "digest", "rows", "min_time", "max_time", "ingested_at") values (?, ?, ?, ?, ?, ?, ?, ?);

-- oldestTime
select min("min_time") as "from", max("max_time") as "to" from "capture_segment" where "endpoint" = ?;

-- newestTime
select min("min_time") as "from", max("max_time") as "to" from "capture_segment" where "endpoint" = ?;

-- logSpan
select min("min_time") as "from", max("max_time") as "to" from "capture_segment" where "endpoint" = ?;

-- findLogUnit
select "unit" from "log_unit" where "endpoint" = ?;

-- insertLogUnit
insert into "log_unit" ("endpoint", "unit", "chosen_at") values (?, ?, ?) on conflict do nothing;

-- captureTotals
select sum("rows") as "rows", count(*) as "segments" from "capture_segment" where "endpoint" = ?;

-- addTraffic
insert into "traffic_hour" ("endpoint", "hour", "variant", "version", "kind", "rows", "errors") values (?, ?, ?, ?, ?, ?, ?) on conflict ("endpoint", "hour", "variant", "kind") do update set "rows" = "traffic_hour"."rows" + ?, "errors" = "traffic_hour"."errors" + ?;

-- shadowRows
select sum("rows") as "rows" from "traffic_hour" where "endpoint" = ? and "kind" = ?;

-- servedByUnit
select (hour / 86400000) * 86400000 as "start", sum("rows") as "rows", sum("errors") as "errors" from "traffic_hour" where "endpoint" = ? and "kind" = ? and "hour" >= ? and "hour" < ? group by (hour / 86400000) * 86400000 order by "start";

-- trafficBetween
select * from "traffic_hour" where "endpoint" = ? and "hour" >= ? and "hour" < ? order by "hour";

-- findReference
select "digest" from "version_reference" where "model" = ? and "version" = ?;

-- findReferenceUnit
select "unit" from "version_reference" where "model" = ? and "version" = ?;

-- insertReference
insert into "version_reference" ("model", "version", "digest", "rows", "unit") values (?, ?, ?, ?, ?) on conflict do nothing;

-- findLabels
select * from "label" where "endpoint" = ? and "id" in (?, ?);

-- insertLabels
insert into "label" ("endpoint", "id", "value", "at", "received_at", "event_time", "prediction_id", "searched_at") values (?, ?, ?, ?, ?, ?, ?, ?);

-- correctLabel
update "label" set "value" = ?, "at" = ?, "received_at" = ?, "event_time" = ?, "searched_at" = ? where "endpoint" = ? and "id" = ?;

-- freshLabels
select * from "label" where "endpoint" = ? and "event_time" is null and "searched_at" is null order by "received_at" desc limit ?;

-- searchedLabels
select * from "label" where "endpoint" = ? and "event_time" is null and "searched_at" is not null order by "received_at" desc limit ?;

-- hasWaitingLabels
select * from "label" where "endpoint" = ? and "event_time" is null limit ?;

-- markSearched
update "label" set "searched_at" = ? where "endpoint" = ? and "event_time" is null and "id" in (?) and "received_at" <= ?;

-- markJoined
insert into "label" ("endpoint", "id", "value", "at", "received_at", "event_time", "prediction_id", "searched_at") values (?, ?, ?, ?, ?, ?, ?, ?) on conflict ("endpoint", "id") do update set "event_time" = "excluded"."event_time", "prediction_id" = "excluded"."prediction_id" where "label"."value" = "excluded"."value";

-- labelsBetween
select * from "label" where "endpoint" = ? and "event_time" >= ? and "event_time" < ? order by "received_at";

-- labelledHours
select distinct (event_time / 3600000) * 3600000 as "hour" from "label" where "endpoint" = ? and "event_time" is not null order by "hour";

-- labelTotals
select count(*) as "labels", count("event_time") as "joined" from "label" where "endpoint" = ?;

-- addLatencies
insert into "latency_hour" ("endpoint", "hour", "variant", "bucket", "rows") values (?, ?, ?, ?, ?) on conflict ("endpoint", "hour", "variant", "bucket") do update set "rows" = "latency_hour"."rows" + "excluded"."rows";

-- latenciesBetween
select (hour / 3600000) * 3600000 as "start", "variant", "bucket", sum("rows") as "rows" from "latency_hour" where "endpoint" = ? and "hour" >= ? and "hour" < ? group by (hour / 3600000) * 3600000, "variant", "bucket";

-- raiseWatermark
select "watermark", "silent" from "endpoint_watermark" where "endpoint" = ? and "replica" = ?;
select "watermark", "silent" from "endpoint_watermark" where "endpoint" = ?;
insert into "endpoint_watermark" ("endpoint", "replica", "watermark", "not_captured", "updated_at", "silent") values (?, ?, ?, ?, ?, ?) on conflict ("endpoint", "replica") do update set "watermark" = ?, "not_captured" = "endpoint_watermark"."not_captured" + ?, "updated_at" = ?, "silent" = ?;

-- findWatermark
select "watermark", "silent" from "endpoint_watermark" where "endpoint" = ?;

-- listQuietReplicas
select "own"."endpoint", "own"."replica" from "endpoint_watermark" as "own" where "own"."silent" = ? and "own"."updated_at" < ? and exists (select "other"."replica" from "endpoint_watermark" as "other" where "other"."endpoint" = "own"."endpoint" and "other"."replica" != "own"."replica");

-- markSilent
update "endpoint_watermark" set "silent" = ? where "endpoint" = ? and "replica" = ?;
