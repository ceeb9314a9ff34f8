-- findEndpoint
select * from "endpoint" where "name" = $1;

-- listEndpoints
select * from "endpoint" order by "name";

-- upsertEndpoint
insert into "endpoint" ("name", "project_id", "spec", "salt", "error_test", "created_at", "updated_at") values ($1, $2, $3, $4, $5, $6, $7) on conflict ("name") do update set "spec" = $8, "updated_at" = $9;

-- setRouting
update "endpoint" set "salt" = $1, "error_test" = $2 where "name" = $3;

-- listVariants: all
select * from "endpoint_variant" order by "endpoint", "version";

-- listVariants: of an endpoint
select * from "endpoint_variant" where "endpoint" = $1 order by "endpoint", "version";

-- replaceVariants
delete from "endpoint_variant" where "endpoint" = $1;
insert into "endpoint_variant" ("endpoint", "name", "model", "version", "weight", "role", "since") values ($1, $2, $3, $4, $5, $6, $7);

-- currentGeneration
select "generation" from "snapshot_generation" where "id" = $1;

-- nextGeneration
insert into "snapshot_generation" ("id", "generation") values ($1, $2) on conflict ("id") do update set "generation" = "snapshot_generation"."generation" + $3 returning "generation";

-- isIngested
select "sequence" from "segment_ingested" where "replica" = $1 and "sequence" = $2;

-- markIngested
insert into "segment_ingested" ("replica", "sequence", "ingested_at") values ($1, $2, $3) on conflict do nothing;

-- insertSegment
insert into "capture_segment" ("replica", "sequence", "endpoint", "digest", "rows", "min_time", "max_time", "ingested_at") values ($1, $2, $3, $4, $5, $6, $7, $8);

-- segmentsBetween
select * from "capture_segment" where "endpoint" = $1 and "max_time" >= $2 and "min_time" < $3 order by "min_time";

-- segmentsSince
select "digest" from "capture_segment" where "endpoint" = $1 and "ingested_at" >= $2;

-- smallSegments
select * from "capture_segment" where "endpoint" = $1 and "max_time" < $2 and "rows" < $3 order by "min_time";

-- mergeSegments
delete from "capture_segment" where "replica" = $1 and "sequence" = $2 and "endpoint" = $3 and "digest" = $4;
insert into "capture_segment" ("replica", "sequence", "endpoint", "digest", "rows", "min_time", "max_time", "ingested_at") values ($1, $2, $3, $4, $5, $6, $7, $8);

-- oldestTime
select min("min_time") as "from", max("max_time") as "to" from "capture_segment" where "endpoint" = $1;

-- newestTime
select min("min_time") as "from", max("max_time") as "to" from "capture_segment" where "endpoint" = $1;

-- logSpan
select min("min_time") as "from", max("max_time") as "to" from "capture_segment" where "endpoint" = $1;

-- findLogUnit
select "unit" from "log_unit" where "endpoint" = $1;

-- insertLogUnit
insert into "log_unit" ("endpoint", "unit", "chosen_at") values ($1, $2, $3) on conflict do nothing;

-- captureTotals
select sum("rows") as "rows", count(*) as "segments" from "capture_segment" where "endpoint" = $1;

-- addTraffic
insert into "traffic_hour" ("endpoint", "hour", "variant", "version", "kind", "rows", "errors") values ($1, $2, $3, $4, $5, $6, $7) on conflict ("endpoint", "hour", "variant", "kind") do update set "rows" = "traffic_hour"."rows" + $8, "errors" = "traffic_hour"."errors" + $9;

-- shadowRows
select sum("rows") as "rows" from "traffic_hour" where "endpoint" = $1 and "kind" = $2;

-- servedByUnit
select (hour / 86400000) * 86400000 as "start", sum("rows") as "rows", sum("errors") as "errors" from "traffic_hour" where "endpoint" = $1 and "kind" = $2 and "hour" >= $3 and "hour" < $4 group by (hour / 86400000) * 86400000 order by "start";

-- trafficBetween
select * from "traffic_hour" where "endpoint" = $1 and "hour" >= $2 and "hour" < $3 order by "hour";

-- findReference
select "digest" from "version_reference" where "model" = $1 and "version" = $2;

-- findReferenceUnit
select "unit" from "version_reference" where "model" = $1 and "version" = $2;

-- insertReference
insert into "version_reference" ("model", "version", "digest", "rows", "unit") values ($1, $2, $3, $4, $5) on conflict do nothing;

-- findLabels
select * from "label" where "endpoint" = $1 and "id" in ($2, $3);

-- insertLabels
insert into "label" ("endpoint", "id", "value", "at", "received_at", "event_time", "prediction_id", "searched_at") values ($1, $2, $3, $4, $5, $6, $7, $8);

-- correctLabel
update "label" set "value" = $1, "at" = $2, "received_at" = $3, "event_time" = $4, "searched_at" = $5 where "endpoint" = $6 and "id" = $7;

-- freshLabels
select * from "label" where "endpoint" = $1 and "event_time" is null and "searched_at" is null order by "received_at" desc limit $2;

-- searchedLabels
select * from "label" where "endpoint" = $1 and "event_time" is null and "searched_at" is not null order by "received_at" desc limit $2;

-- hasWaitingLabels
select * from "label" where "endpoint" = $1 and "event_time" is null limit $2;

-- markSearched
update "label" set "searched_at" = $1 where "endpoint" = $2 and "event_time" is null and "id" in ($3) and "received_at" <= $4;

-- markJoined
insert into "label" ("endpoint", "id", "value", "at", "received_at", "event_time", "prediction_id", "searched_at") values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict ("endpoint", "id") do update set "event_time" = "excluded"."event_time", "prediction_id" = "excluded"."prediction_id" where "label"."value" = "excluded"."value";

-- labelsBetween
select * from "label" where "endpoint" = $1 and "event_time" >= $2 and "event_time" < $3 order by "received_at";

-- labelledHours
select distinct (event_time / 3600000) * 3600000 as "hour" from "label" where "endpoint" = $1 and "event_time" is not null order by "hour";

-- labelTotals
select count(*) as "labels", count("event_time") as "joined" from "label" where "endpoint" = $1;

-- addLatencies
insert into "latency_hour" ("endpoint", "hour", "variant", "bucket", "rows") values ($1, $2, $3, $4, $5) on conflict ("endpoint", "hour", "variant", "bucket") do update set "rows" = "latency_hour"."rows" + "excluded"."rows";

-- latenciesBetween
select (hour / 3600000) * 3600000 as "start", "variant", "bucket", sum("rows") as "rows" from "latency_hour" where "endpoint" = $1 and "hour" >= $2 and "hour" < $3 group by (hour / 3600000) * 3600000, "variant", "bucket";

-- raiseWatermark
select "watermark", "silent" from "endpoint_watermark" where "endpoint" = $1 and "replica" = $2;
select "watermark", "silent" from "endpoint_watermark" where "endpoint" = $1;
insert into "endpoint_watermark" ("endpoint", "replica", "watermark", "not_captured", "updated_at", "silent") values ($1, $2, $3, $4, $5, $6) on conflict ("endpoint", "replica") do update set "watermark" = $7, "not_captured" = "endpoint_watermark"."not_captured" + $8, "updated_at" = $9, "silent" = $10;

-- findWatermark
select "watermark", "silent" from "endpoint_watermark" where "endpoint" = $1;

-- listQuietReplicas
select "own"."endpoint", "own"."replica" from "endpoint_watermark" as "own" where "own"."silent" = $1 and "own"."updated_at" < $2 and exists (select "other"."replica" from "endpoint_watermark" as "other" where "other"."endpoint" = "own"."endpoint" and "other"."replica" != "own"."replica");

-- markSilent
update "endpoint_watermark" set "silent" = $1 where "endpoint" = $2 and "replica" = $3;
