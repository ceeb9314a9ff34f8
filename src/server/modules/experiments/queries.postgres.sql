-- insertMany
insert into "run_tag" ("run", "key", "value") values ($1, $2, $3), ($4, $5, $6), ($7, $8, $9), ($10, $11, $12), ($13, $14, $15) on conflict do nothing;
insert into "run_tag" ("run", "key", "value") values ($1, $2, $3) on conflict do nothing;

-- findExperiment
select * from "experiment" where "id" = $1;
select * from "experiment_tag" where "experiment" in ($1) order by "key";

-- findExperimentByName
select * from "experiment" where "project_id" = $1 and "name" = $2;
select * from "experiment_tag" where "experiment" in ($1) order by "key";

-- insertExperiment
insert into "experiment" ("project_id", "name", "artifact_location", "lifecycle", "created_at", "updated_at") values ($1, $2, $3, $4, $5, $6) on conflict ("project_id", "name") do nothing returning "id";

-- updateExperiment
update "experiment" set "name" = $1, "updated_at" = $2 where "id" = $3;

-- upsertExperimentTag
insert into "experiment_tag" ("experiment", "key", "value") values ($1, $2, $3) on conflict ("experiment", "key") do update set "value" = $4;

-- deleteExperimentTag
delete from "experiment_tag" where "experiment" = $1 and "key" = $2;

-- setLifecycleOfRuns
update "run" set "lifecycle" = $1 where "experiment" = $2;

-- searchExperiments: newest
select e.*, e.created_at as "sort_0", e.id as "sort_1" from experiment e where e.project_id = $1 and e.lifecycle in ($2) and 1 = 1 and 1 = 1 order by "sort_0" desc, "sort_1" limit $3;
select * from "experiment_tag" where "experiment" in ($1) order by "key";

-- searchExperiments: by name, time and tag, next page
select e.*, e.name as "sort_0", e.id as "sort_1" from experiment e where e.project_id = $1 and e.lifecycle in ($2) and (e.name like $3 and cast(e.id as text) <> $4 and "e"."created_at" > cast($5 as double precision) and e.id in (select "experiment" from "experiment_tag" where key = $6 and substr(value, 1, 200) = substr($7, 1, 200) and value = $8)) and (e.name >= $9 and ((e.name > $10) or (e.name = $11 and e.id > cast($12 as double precision)))) order by "sort_0", "sort_1" limit $13;
select * from "experiment_tag" where "experiment" in ($1) order by "key";

-- findRun
select * from "run" where "run_id" = $1;

-- insertRun
insert into "run" ("run_id", "project_id", "experiment", "name", "user_name", "status", "lifecycle", "start_time", "end_time", "artifact_uri", "attempt") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning *;

-- updateRun
update "run" set "status" = $1, "end_time" = $2 where "id" = $3;

-- findRunsOfAttempt
select * from "run" where "attempt" = $1 order by "id";

-- upsertTags
insert into "run_tag" ("run", "key", "value") values ($1, $2, $3) on conflict (run, key) do update set value = excluded.value;

-- deleteTag
delete from "run_tag" where "run" = $1 and "key" = $2;

-- insertParams
insert into "run_param" ("run", "key", "value") values ($1, $2, $3) on conflict (run, key) do nothing;
select "key", "value" from "run_param" where "run" = $1 and "key" in ($2);

-- insertDatasetInput
insert into "dataset" ("experiment", "name", "digest", "source_type", "source", "schema", "profile") values ($1, $2, $3, $4, $5, $6, $7) on conflict ("experiment", "name", "digest") do nothing;
select "id" from "dataset" where "experiment" = $1 and "name" = $2 and "digest" = $3;
insert into "run_dataset" ("run", "dataset", "context", "tags") values ($1, $2, $3, $4) on conflict ("run", "dataset") do nothing;

-- insertModelLinks
insert into "run_model" ("run", "direction", "model_id", "step") values ($1, $2, $3, $4) on conflict ("run", "direction", "model_id") do nothing;

-- listDatasets
select distinct "dataset"."experiment", "dataset"."name", "dataset"."digest", "run_dataset"."context" from "dataset" left join "run_dataset" on "run_dataset"."dataset" = "dataset"."id" where "dataset"."experiment" in ($1, $2) limit $3;

-- countActiveRuns
select "experiment", count(*) as "runs" from "run" where "lifecycle" = $1 group by "experiment";

-- metricKeys
select distinct "latest_metric"."key" from "latest_metric" inner join (select "id" from "run" where "experiment" = $1 and "lifecycle" = $2 order by "start_time" desc limit $3) as "newest" on "newest"."id" = "latest_metric"."run" order by "latest_metric"."key";

-- paramKeys
select distinct "run_param"."key" from "run_param" inner join (select "id" from "run" where "experiment" = $1 and "lifecycle" = $2 order by "start_time" desc limit $3) as "newest" on "newest"."id" = "run_param"."run" order by "run_param"."key";

-- withDetails
select run, cast(json_agg(json_build_array(key, cast(value as text), is_nan, timestamp, step)) as text) as list from "latest_metric" where run in ($1) group by run;
select run, cast(json_agg(json_build_array(key, value)) as text) as list from "run_param" where run in ($1) group by run;
select run, cast(json_agg(json_build_array(key, value)) as text) as list from "run_tag" where run in ($1) group by run;
select * from "run_model" where "run" in ($1);
select "run", "tags", "name", "digest", "source_type", "source", "schema", "profile" from "run_dataset" inner join "dataset" on "dataset"."id" = "run_dataset"."dataset" where "run" in ($1) order by "dataset"."id";

-- insertPoints
insert into "metric" ("run", "key", "step", "timestamp", "value", "is_nan") values ($1, $2, $3, $4, $5, $6) on conflict do nothing;
insert into "latest_metric" ("run", "key", "value", "is_nan", "timestamp", "step") values ($1, $2, $3, $4, $5, $6) on conflict (run, key) do update set value = excluded.value, is_nan = excluded.is_nan, timestamp = excluded.timestamp, step = excluded.step where (excluded.step, excluded.timestamp, excluded.value) > (latest_metric.step, latest_metric.timestamp, latest_metric.value);

-- insertModelPoints
insert into "logged_model_metric" ("model", "key", "run_id", "dataset_name", "dataset_digest", "step", "timestamp", "value", "is_nan") values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing;

-- readHistory: whole
select step, timestamp, value, is_nan from metric where run = $1 and key = $2 order by step, timestamp, value, is_nan;

-- readHistory: next page
select step, timestamp, value, is_nan from metric where run = $1 and key = $2 and (step, timestamp, value, is_nan) > ($3, $4, cast($5 as double precision), $6) order by step, timestamp, value, is_nan limit $7;

-- listSteps
select distinct step from metric where run = $1 and key = $2 and step between $3 and $4 order by step;

-- readSteps
select "step", "timestamp", "value", "is_nan" from "metric" where "run" = $1 and "key" = $2 and "step" in ($3, $4) order by "step", "timestamp", "value";

-- readLatest
select * from "latest_metric" where "run" = $1 order by "key";

-- insertLoggedModel
insert into "logged_model" ("model_id", "project_id", "experiment", "name", "model_type", "status", "lifecycle", "source_run", "source_attempt", "artifact_uri", "tree", "created_at", "updated_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning *;

-- findLoggedModelRow
select * from "logged_model" where "model_id" = $1;

-- updateLoggedModel
update "logged_model" set "status" = $1, "updated_at" = $2 where "id" = $3;

-- findModelsOfAttempt
select * from "logged_model" where "source_attempt" = $1 order by "id";

-- findModelsOfRun
select * from "logged_model" where "source_run" = $1 and "lifecycle" = $2 order by "id";

-- upsertModelTags
insert into "logged_model_tag" ("model", "key", "value") values ($1, $2, $3) on conflict (model, key) do update set value = excluded.value;

-- findModelTag
select "value" from "logged_model_tag" where "model" = $1 and "key" = $2;

-- deleteModelTag
delete from "logged_model_tag" where "model" = $1 and "key" = $2;

-- insertModelParams
insert into "logged_model_param" ("model", "key", "value") values ($1, $2, $3) on conflict (model, key) do nothing;
select "key", "value" from "logged_model_param" where "model" = $1 and "key" in ($2);

-- withModelDetails
select * from "logged_model_param" where "model" in ($1);
select * from "logged_model_tag" where "model" in ($1);
select * from "logged_model_metric" where "model" in ($1) order by "model", "key", "run_id", "dataset_name", "dataset_digest", "step", "timestamp", "value";

-- searchModelRows: newest
select m.*, m.created_at as "sort_0", m.model_id as "sort_1" from logged_model m where m.experiment in ($1) and m.lifecycle = 'active' and 1 = 1 and 1 = 1 order by "sort_0" desc, "sort_1" limit $2;

-- searchModelRows: by a metric on a dataset, next page
select m.*, case when (select value from logged_model_metric x where x.model = m.id and x.key = $1 and (dataset_name = $2) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end as "sort_0", coalesce((select value from logged_model_metric x where x.model = m.id and x.key = $3 and (dataset_name = $4) order by is_nan, step desc, timestamp desc, value desc limit 1), 0) as "sort_1", m.created_at as "sort_2", m.model_id as "sort_3" from logged_model m where m.experiment in ($5) and m.lifecycle = 'active' and (m.id in (select model from logged_model_metric where key = $6 and is_nan = 0 and ((dataset_name = $7 and dataset_digest = $8)) and value < cast($9 as double precision)) and m.id in (select "model" from "logged_model_param" where key = $10 and substr(value, 1, 200) = substr($11, 1, 200) and value = $12) and m.status = $13) and (case when (select value from logged_model_metric x where x.model = m.id and x.key = $14 and (dataset_name = $15) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end >= cast($16 as double precision) and ((case when (select value from logged_model_metric x where x.model = m.id and x.key = $17 and (dataset_name = $18) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end > cast($19 as double precision)) or (case when (select value from logged_model_metric x where x.model = m.id and x.key = $20 and (dataset_name = $21) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end = cast($22 as double precision) and coalesce((select value from logged_model_metric x where x.model = m.id and x.key = $23 and (dataset_name = $24) order by is_nan, step desc, timestamp desc, value desc limit 1), 0) > cast($25 as double precision)) or (case when (select value from logged_model_metric x where x.model = m.id and x.key = $26 and (dataset_name = $27) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end = cast($28 as double precision) and coalesce((select value from logged_model_metric x where x.model = m.id and x.key = $29 and (dataset_name = $30) order by is_nan, step desc, timestamp desc, value desc limit 1), 0) = cast($31 as double precision) and m.created_at < cast($32 as double precision)) or (case when (select value from logged_model_metric x where x.model = m.id and x.key = $33 and (dataset_name = $34) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end = cast($35 as double precision) and coalesce((select value from logged_model_metric x where x.model = m.id and x.key = $36 and (dataset_name = $37) order by is_nan, step desc, timestamp desc, value desc limit 1), 0) = cast($38 as double precision) and m.created_at = cast($39 as double precision) and m.model_id > $40))) order by "sort_0", "sort_1", "sort_2" desc, "sort_3" limit $41;

-- searchRunRows: newest
select run.*, page.* from (select r.id as found, r.start_time as "sort_0", r.run_id as "sort_1" from run r where r.experiment = $1 and r.lifecycle = $2 and 1 = 1 and 1 = 1 order by "sort_0" desc, "sort_1" limit $3) page join run on run.id = page.found order by "sort_0" desc, "sort_1";

-- searchRunRows: next page of two experiments
select run.*, page.* from (select r.id as found, r.start_time as "sort_0", r.run_id as "sort_1" from run r where r.experiment in ($1, $2) and r.lifecycle in ($3, $4) and 1 = 1 and (r.start_time <= cast($5 as double precision) and ((r.start_time < cast($6 as double precision)) or (r.start_time = cast($7 as double precision) and r.run_id > $8))) order by "sort_0" desc, "sort_1" limit $9) page join run on run.id = page.found order by "sort_0" desc, "sort_1";

-- searchRunRows: by a metric
select run.*, page.* from (select r.id as found, case when "o0"."run" is null then 2 when "o0"."is_nan" = 1 then 1 else 0 end as "sort_0", coalesce("o0"."value", 0) as "sort_1", r.start_time as "sort_2", r.run_id as "sort_3" from run r left join latest_metric "o0" on "o0"."run" = r.id and "o0"."key" = $1 where r.experiment = $2 and r.lifecycle = $3 and ((select value from latest_metric where run = r.id and key = $4 and is_nan = 0) > cast($5 as double precision) and ((select value from latest_metric where run = r.id and key = $6 and is_nan = 0) <> cast($7 as double precision) or exists (select 1 from latest_metric where run = r.id and key = $8 and is_nan = 1))) and 1 = 1 order by "sort_0", "sort_1" desc, "sort_2" desc, "sort_3" limit $9) page join run on run.id = page.found order by "sort_0", "sort_1" desc, "sort_2" desc, "sort_3";

-- searchRunRows: by param, tag and dataset
select run.*, page.* from (select r.id as found, case when "o0"."run" is null then 1 else 0 end as "sort_0", coalesce("o0"."value", '') as "sort_1", case when "o1"."run" is null then 1 else 0 end as "sort_2", coalesce("o1"."value", '') as "sort_3", r.start_time as "sort_4", r.run_id as "sort_5" from run r left join "run_param" "o0" on "o0"."run" = r.id and "o0"."key" = $1 left join "run_tag" "o1" on "o1"."run" = r.id and "o1"."key" = $2 where r.experiment = $3 and r.lifecycle = $4 and (r.id in (select "run" from "run_param" where key = $5 and substr(value, 1, 200) = substr($6, 1, 200) and value = $7) and (select value from "run_tag" where "run" = r.id and key = $8) <> $9 and r.id in (select rd.run from run_dataset rd join dataset d on d.id = rd.dataset where d.name = $10)) and 1 = 1 order by "sort_0", "sort_1", "sort_2", "sort_3" desc, "sort_4" desc, "sort_5" limit $11) page join run on run.id = page.found order by "sort_0", "sort_1", "sort_2", "sort_3" desc, "sort_4" desc, "sort_5";

-- searchRunRows: by patterns and attributes
select run.*, page.* from (select r.id as found, case when r.end_time is null then 1 else 0 end as "sort_0", coalesce(r.end_time, 0) as "sort_1", r.start_time as "sort_2", r.run_id as "sort_3" from run r where r.experiment = $1 and r.lifecycle = $2 and ("r"."name" like $3 and lower((select value from "run_tag" where "run" = r.id and key = $4)) like lower($5) and "r"."status" = $6 and "r"."end_time" > cast($7 as double precision)) and 1 = 1 order by "sort_0", "sort_1", "sort_2" desc, "sort_3" limit $8) page join run on run.id = page.found order by "sort_0", "sort_1", "sort_2" desc, "sort_3";

-- searchRunRows: with or, in and null
select run.*, page.* from (select r.id as found, r.start_time as "sort_0", r.run_id as "sort_1" from run r where r.experiment = $1 and r.lifecycle = $2 and (("r"."run_id" in ($3, $4) or (select value from "run_tag" where "run" = r.id and key = $5) is null) and (select value from "run_param" where "run" = r.id and key = $6) is not null) and 1 = 1 order by "sort_0" desc, "sort_1" limit $7) page join run on run.id = page.found order by "sort_0" desc, "sort_1";
