-- insertMany
insert into "run_tag" ("run", "key", "value") values (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?) on conflict do nothing;
insert into "run_tag" ("run", "key", "value") values (?, ?, ?) on conflict do nothing;

-- findExperiment
select * from "experiment" where "id" = ?;
select * from "experiment_tag" where "experiment" in (?) order by "key";

-- findExperimentByName
select * from "experiment" where "project_id" = ? and "name" = ?;
select * from "experiment_tag" where "experiment" in (?) order by "key";

-- insertExperiment
insert into "experiment" ("project_id", "name", "artifact_location", "lifecycle", "created_at", "updated_at") values (?, ?, ?, ?, ?, ?) on conflict ("project_id", "name") do nothing returning "id";

-- updateExperiment
update "experiment" set "name" = ?, "updated_at" = ? where "id" = ?;

-- upsertExperimentTag
insert into "experiment_tag" ("experiment", "key", "value") values (?, ?, ?) on conflict ("experiment", "key") do update set "value" = ?;

-- deleteExperimentTag
delete from "experiment_tag" where "experiment" = ? and "key" = ?;

-- setLifecycleOfRuns
update "run" set "lifecycle" = ? where "experiment" = ?;

-- searchExperiments: newest
select e.*, e.created_at as "sort_0", e.id as "sort_1" from experiment e where e.project_id = ? and e.lifecycle in (?) and 1 = 1 and 1 = 1 order by "sort_0" desc, "sort_1" limit ?;
select * from "experiment_tag" where "experiment" in (?) order by "key";

-- searchExperiments: by name, time and tag, next page
select e.*, e.name as "sort_0", e.id as "sort_1" from experiment e where e.project_id = ? and e.lifecycle in (?) and (e.name glob ? and cast(e.id as text) <> ? and "e"."created_at" > cast(? as double precision) and e.id in (select "experiment" from "experiment_tag" where key = ? and substr(value, 1, 200) = substr(?, 1, 200) and value = ?)) and (e.name >= ? and ((e.name > ?) or (e.name = ? and e.id > cast(? as double precision)))) order by "sort_0", "sort_1" limit ?;
select * from "experiment_tag" where "experiment" in (?) order by "key";

-- findRun
select * from "run" where "run_id" = ?;

-- insertRun
insert into "run" ("run_id", "project_id", "experiment", "name", "user_name", "status", "lifecycle", "start_time", "end_time", "artifact_uri", "attempt") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *;

-- updateRun
update "run" set "status" = ?, "end_time" = ? where "id" = ?;

-- findRunsOfAttempt
select * from "run" where "attempt" = ? order by "id";

-- upsertTags
insert into "run_tag" ("run", "key", "value") values (?, ?, ?) on conflict (run, key) do update set value = excluded.value;

-- deleteTag
delete from "run_tag" where "run" = ? and "key" = ?;

-- insertParams
insert into "run_param" ("run", "key", "value") values (?, ?, ?) on conflict (run, key) do nothing;
select "key", "value" from "run_param" where "run" = ? and "key" in (?);

-- insertDatasetInput
insert into "dataset" ("experiment", "name", "digest", "source_type", "source", "schema", "profile") values (?, ?, ?, ?, ?, ?, ?) on conflict ("experiment", "name", "digest") do nothing;
select "id" from "dataset" where "experiment" = ? and "name" = ? and "digest" = ?;
insert into "run_dataset" ("run", "dataset", "context", "tags") values (?, ?, ?, ?) on conflict ("run", "dataset") do nothing;

-- insertModelLinks
insert into "run_model" ("run", "direction", "model_id", "step") values (?, ?, ?, ?) on conflict ("run", "direction", "model_id") do nothing;

-- listDatasets
select distinct "dataset"."experiment", "dataset"."name", "dataset"."digest", "run_dataset"."context" from "dataset" left join "run_dataset" on "run_dataset"."dataset" = "dataset"."id" where "dataset"."experiment" in (?, ?) limit ?;

-- countActiveRuns
select "experiment", count(*) as "runs" from "run" where "lifecycle" = ? group by "experiment";

-- metricKeys
select distinct "latest_metric"."key" from "latest_metric" inner join (select "id" from "run" where "experiment" = ? and "lifecycle" = ? order by "start_time" desc limit ?) as "newest" on "newest"."id" = "latest_metric"."run" order by "latest_metric"."key";

-- paramKeys
select distinct "run_param"."key" from "run_param" inner join (select "id" from "run" where "experiment" = ? and "lifecycle" = ? order by "start_time" desc limit ?) as "newest" on "newest"."id" = "run_param"."run" order by "run_param"."key";

-- withDetails
select run, json_group_array(json_array(key, format('%!.17g', value), is_nan, timestamp, step)) as list from "latest_metric" where run in (?) group by run;
select run, json_group_array(json_array(key, value)) as list from "run_param" where run in (?) group by run;
select run, json_group_array(json_array(key, value)) as list from "run_tag" where run in (?) group by run;
select * from "run_model" where "run" in (?);
select "run", "tags", "name", "digest", "source_type", "source", "schema", "profile" from "run_dataset" inner join "dataset" on "dataset"."id" = "run_dataset"."dataset" where "run" in (?) order by "dataset"."id";

-- insertPoints
insert into "metric" ("run", "key", "step", "timestamp", "value", "is_nan") values (?, ?, ?, ?, ?, ?) on conflict do nothing;
insert into "latest_metric" ("run", "key", "value", "is_nan", "timestamp", "step") values (?, ?, ?, ?, ?, ?) on conflict (run, key) do update set value = excluded.value, is_nan = excluded.is_nan, timestamp = excluded.timestamp, step = excluded.step where (excluded.step, excluded.timestamp, excluded.value) > (latest_metric.step, latest_metric.timestamp, latest_metric.value);

-- insertModelPoints
insert into "logged_model_metric" ("model", "key", "run_id", "dataset_name", "dataset_digest", "step", "timestamp", "value", "is_nan") values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing;

-- readHistory: whole
select step, timestamp, value, is_nan from metric where run = ? and key = ? order by step, timestamp, value, is_nan;

-- readHistory: next page
select step, timestamp, value, is_nan from metric where run = ? and key = ? and (step, timestamp, value, is_nan) > (?, ?, cast(? as double precision), ?) order by step, timestamp, value, is_nan limit ?;

-- listSteps
select distinct step from metric where run = ? and key = ? and step between ? and ? order by step;

-- readSteps
select "step", "timestamp", "value", "is_nan" from "metric" where "run" = ? and "key" = ? and "step" in (?, ?) order by "step", "timestamp", "value";

-- readLatest
select * from "latest_metric" where "run" = ? order by "key";

-- insertLoggedModel
insert into "logged_model" ("model_id", "project_id", "experiment", "name", "model_type", "status", "lifecycle", "source_run", "source_attempt", "artifact_uri", "tree", "created_at", "updated_at") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *;

-- findLoggedModelRow
select * from "logged_model" where "model_id" = ?;

-- updateLoggedModel
update "logged_model" set "status" = ?, "updated_at" = ? where "id" = ?;

-- findModelsOfAttempt
select * from "logged_model" where "source_attempt" = ? order by "id";

-- findModelsOfRun
select * from "logged_model" where "source_run" = ? and "lifecycle" = ? order by "id";

-- upsertModelTags
insert into "logged_model_tag" ("model", "key", "value") values (?, ?, ?) on conflict (model, key) do update set value = excluded.value;

-- findModelTag
select "value" from "logged_model_tag" where "model" = ? and "key" = ?;

-- deleteModelTag
delete from "logged_model_tag" where "model" = ? and "key" = ?;

-- insertModelParams
insert into "logged_model_param" ("model", "key", "value") values (?, ?, ?) on conflict (model, key) do nothing;
select "key", "value" from "logged_model_param" where "model" = ? and "key" in (?);

-- withModelDetails
select * from "logged_model_param" where "model" in (?);
select * from "logged_model_tag" where "model" in (?);
select * from "logged_model_metric" where "model" in (?) order by "model", "key", "run_id", "dataset_name", "dataset_digest", "step", "timestamp", "value";

-- searchModelRows: newest
select m.*, m.created_at as "sort_0", m.model_id as "sort_1" from logged_model m where m.experiment in (?) and m.lifecycle = 'active' and 1 = 1 and 1 = 1 order by "sort_0" desc, "sort_1" limit ?;

-- searchModelRows: by a metric on a dataset, next page
select m.*, case when (select value from logged_model_metric x where x.model = m.id and x.key = ? and (dataset_name = ?) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end as "sort_0", coalesce((select value from logged_model_metric x where x.model = m.id and x.key = ? and (dataset_name = ?) order by is_nan, step desc, timestamp desc, value desc limit 1), 0) as "sort_1", m.created_at as "sort_2", m.model_id as "sort_3" from logged_model m where m.experiment in (?) and m.lifecycle = 'active' and (m.id in (select model from logged_model_metric where key = ? and is_nan = 0 and ((dataset_name = ? and dataset_digest = ?)) and value < cast(? as double precision)) and m.id in (select "model" from "logged_model_param" where key = ? and substr(value, 1, 200) = substr(?, 1, 200) and value = ?) and m.status = ?) and (case when (select value from logged_model_metric x where x.model = m.id and x.key = ? and (dataset_name = ?) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end >= cast(? as double precision) and ((case when (select value from logged_model_metric x where x.model = m.id and x.key = ? and (dataset_name = ?) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end > cast(? as double precision)) or (case when (select value from logged_model_metric x where x.model = m.id and x.key = ? and (dataset_name = ?) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end = cast(? as double precision) and coalesce((select value from logged_model_metric x where x.model = m.id and x.key = ? and (dataset_name = ?) order by is_nan, step desc, timestamp desc, value desc limit 1), 0) > cast(? as double precision)) or (case when (select value from logged_model_metric x where x.model = m.id and x.key = ? and (dataset_name = ?) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end = cast(? as double precision) and coalesce((select value from logged_model_metric x where x.model = m.id and x.key = ? and (dataset_name = ?) order by is_nan, step desc, timestamp desc, value desc limit 1), 0) = cast(? as double precision) and m.created_at < cast(? as double precision)) or (case when (select value from logged_model_metric x where x.model = m.id and x.key = ? and (dataset_name = ?) order by is_nan, step desc, timestamp desc, value desc limit 1) is null then 1 else 0 end = cast(? as double precision) and coalesce((select value from logged_model_metric x where x.model = m.id and x.key = ? and (dataset_name = ?) order by is_nan, step desc, timestamp desc, value desc limit 1), 0) = cast(? as double precision) and m.created_at = cast(? as double precision) and m.model_id > ?))) order by "sort_0", "sort_1", "sort_2" desc, "sort_3" limit ?;

-- searchRunRows: newest
select run.*, page.* from (select r.id as found, r.start_time as "sort_0", r.run_id as "sort_1" from run r where r.experiment = ? and r.lifecycle = ? and 1 = 1 and 1 = 1 order by "sort_0" desc, "sort_1" limit ?) page join run on run.id = page.found order by "sort_0" desc, "sort_1";

-- searchRunRows: next page of two experiments
select run.*, page.* from (select r.id as found, r.start_time as "sort_0", r.run_id as "sort_1" from run r where r.experiment in (?, ?) and r.lifecycle in (?, ?) and 1 = 1 and (r.start_time <= cast(? as double precision) and ((r.start_time < cast(? as double precision)) or (r.start_time = cast(? as double precision) and r.run_id > ?))) order by "sort_0" desc, "sort_1" limit ?) page join run on run.id = page.found order by "sort_0" desc, "sort_1";

-- searchRunRows: by a metric
select run.*, page.* from (select r.id as found, case when "o0"."run" is null then 2 when "o0"."is_nan" = 1 then 1 else 0 end as "sort_0", coalesce("o0"."value", 0) as "sort_1", r.start_time as "sort_2", r.run_id as "sort_3" from run r left join latest_metric "o0" on "o0"."run" = r.id and "o0"."key" = ? where r.experiment = ? and r.lifecycle = ? and ((select value from latest_metric where run = r.id and key = ? and is_nan = 0) > cast(? as double precision) and ((select value from latest_metric where run = r.id and key = ? and is_nan = 0) <> cast(? as double precision) or exists (select 1 from latest_metric where run = r.id and key = ? and is_nan = 1))) and 1 = 1 order by "sort_0", "sort_1" desc, "sort_2" desc, "sort_3" limit ?) page join run on run.id = page.found order by "sort_0", "sort_1" desc, "sort_2" desc, "sort_3";

-- searchRunRows: by param, tag and dataset
select run.*, page.* from (select r.id as found, case when "o0"."run" is null then 1 else 0 end as "sort_0", coalesce("o0"."value", '') as "sort_1", case when "o1"."run" is null then 1 else 0 end as "sort_2", coalesce("o1"."value", '') as "sort_3", r.start_time as "sort_4", r.run_id as "sort_5" from run r left join "run_param" "o0" on "o0"."run" = r.id and "o0"."key" = ? left join "run_tag" "o1" on "o1"."run" = r.id and "o1"."key" = ? where r.experiment = ? and r.lifecycle = ? and (r.id in (select "run" from "run_param" where key = ? and substr(value, 1, 200) = substr(?, 1, 200) and value = ?) and (select value from "run_tag" where "run" = r.id and key = ?) <> ? and r.id in (select rd.run from run_dataset rd join dataset d on d.id = rd.dataset where d.name = ?)) and 1 = 1 order by "sort_0", "sort_1", "sort_2", "sort_3" desc, "sort_4" desc, "sort_5" limit ?) page join run on run.id = page.found order by "sort_0", "sort_1", "sort_2", "sort_3" desc, "sort_4" desc, "sort_5";

-- searchRunRows: by patterns and attributes
select run.*, page.* from (select r.id as found, case when r.end_time is null then 1 else 0 end as "sort_0", coalesce(r.end_time, 0) as "sort_1", r.start_time as "sort_2", r.run_id as "sort_3" from run r where r.experiment = ? and r.lifecycle = ? and ("r"."name" glob ? and lower((select value from "run_tag" where "run" = r.id and key = ?)) like lower(?) and "r"."status" = ? and "r"."end_time" > cast(? as double precision)) and 1 = 1 order by "sort_0", "sort_1", "sort_2" desc, "sort_3" limit ?) page join run on run.id = page.found order by "sort_0", "sort_1", "sort_2" desc, "sort_3";

-- searchRunRows: with or, in and null
select run.*, page.* from (select r.id as found, r.start_time as "sort_0", r.run_id as "sort_1" from run r where r.experiment = ? and r.lifecycle = ? and (("r"."run_id" in (?, ?) or (select value from "run_tag" where "run" = r.id and key = ?) is null) and (select value from "run_param" where "run" = r.id and key = ?) is not null) and 1 = 1 order by "sort_0" desc, "sort_1" limit ?) page join run on run.id = page.found order by "sort_0" desc, "sort_1";
