-- findModel
select * from "registered_model" where "project_id" = ? and "name" = ?;

-- insertModel
insert into "registered_model" ("id", "project_id", "name", "description", "last_version", "created_at", "updated_at") values (?, ?, ?, ?, ?, ?, ?) on conflict ("project_id", "name") do nothing;

-- updateModel
update "registered_model" set "description" = ?, "updated_at" = ? where "id" = ?;

-- takeVersionNumber
update "registered_model" set "last_version" = "last_version" + ?, "updated_at" = ? where "id" = ? returning "last_version";

-- deleteModel
delete from "model_version_tag" where "version" in (select "id" from "model_version" where "model" = ?);
delete from "model_version" where "model" = ?;
delete from "model_alias" where "model" = ?;
delete from "registered_model_tag" where "model" = ?;
delete from "registered_model" where "id" = ?;

-- upsertModelTag
insert into "registered_model_tag" ("model", "key", "value") values (?, ?, ?) on conflict ("model", "key") do update set "value" = ?;

-- deleteModelTag
delete from "registered_model_tag" where "model" = ? and "key" = ?;

-- listModelTags
select * from "registered_model_tag" where "model" in (?, ?) order by "key";

-- listAliases
select * from "model_alias" where "model" in (?, ?) order by "alias";

-- findAlias
select "version" from "model_alias" where "model" = ? and "alias" = ?;

-- upsertAlias
insert into "model_alias" ("model", "alias", "version", "updated_at") values (?, ?, ?, ?) on conflict ("model", "alias") do update set "version" = ?, "updated_at" = ?;

-- deleteAlias
delete from "model_alias" where "model" = ? and "alias" = ?;

-- deleteAliasesOf
delete from "model_alias" where "model" = ? and "version" = ?;

-- replaceHolds
delete from "version_hold" where "holder" = ?;
insert into "version_hold" ("version", "holder") values (?, ?);

-- listHolders: of a version
select distinct "version_hold"."holder" from "version_hold" inner join "model_version" on "model_version"."id" = "version_hold"."version" where "model_version"."model" = ? and "model_version"."version" = ? order by "version_hold"."holder";

-- listHolders: of a model
select distinct "version_hold"."holder" from "version_hold" inner join "model_version" on "model_version"."id" = "version_hold"."version" where "model_version"."model" = ? order by "version_hold"."holder";

-- insertVersion
insert into "model_version" ("id", "project_id", "model", "version", "status", "status_message", "stage", "description", "user_name", "source", "storage_uri", "run_id", "run_link", "logged_model", "source_attempt", "tree", "reference_digest", "reference_format", "created_at", "updated_at", "deleted_at") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- updateVersion
update "model_version" set "status" = ?, "updated_at" = ? where "id" = ?;

-- findVersionRow
select * from "model_version" where "model" = ? and "version" = ? and "deleted_at" is null;

-- findVersionById
select * from "model_version" where "id" = ? and "deleted_at" is null;

-- listVersionRows: newest
select * from "model_version" where "model" = ? and "deleted_at" is null order by "version" desc limit ?;

-- listVersionRows: next page
select * from "model_version" where "model" = ? and "deleted_at" is null and "version" < ? order by "version" desc limit ?;

-- newestVersion
select * from "model_version" where "model" = ? and "deleted_at" is null order by "version" desc limit ?;

-- newestByStage
select * from "model_version" where ("model", "version") in (select "newest"."model", max("newest"."version") as "version" from "model_version" as "newest" where "newest"."model" in (?, ?) and "newest"."deleted_at" is null group by "newest"."model", "newest"."stage") order by "version";

-- listWaiting
select * from "model_version" where "tree" = ? and "status" = ? and "deleted_at" is null;

-- moveStage
update "model_version" set "stage" = ?, "updated_at" = ? where "model" = ? and "stage" = ? and "version" <> ? and "deleted_at" is null;

-- upsertVersionTag
insert into "model_version_tag" ("version", "key", "value") values (?, ?, ?) on conflict ("version", "key") do update set "value" = ?;

-- deleteVersionTag
delete from "model_version_tag" where "version" = ? and "key" = ?;

-- withVersionDetails
select "id", "name" from "registered_model" where "id" in (?);
select * from "model_version_tag" where "version" in (?) order by "key";
select * from "model_alias" where "model" in (?) order by "alias";

-- insertGate
insert into "gate_result" ("project_id", "version", "kind", "passed", "sentence", "numbers", "at") values (?, ?, ?, ?, ?, ?, ?) returning "id";

-- listGates
select * from "gate_result" where "version" in (?, ?) order by "id" desc;

-- findExport
select * from "model_export" where "tree" = ?;

-- listExports
select * from "model_export" where "tree" in (?, ?);

-- insertPendingExport
insert into "model_export" ("tree", "project_id", "state", "onnx", "signature", "difference", "reason", "reference_digest", "requested_at", "finished_at") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict ("tree") do update set "state" = ?, "reason" = ?, "requested_at" = ?, "finished_at" = ? where "model_export"."state" = ?;

-- finishExport
update "model_export" set "state" = ?, "onnx" = ?, "signature" = ?, "difference" = ?, "reason" = ?, "reference_digest" = ?, "finished_at" = ? where "tree" = ?;

-- insertUpload
insert into "model_upload" ("id", "project_id", "model", "created_at") values (?, ?, ?, ?);

-- findUpload
select * from "model_upload" where "id" = ?;

-- deleteUpload
delete from "model_upload" where "id" = ?;

-- searchModelRows: newest
select m.*, m.updated_at as "sort_0", m.name as "sort_1" from registered_model m where m.project_id = ? and 1 = 1 and 1 = 1 order by "sort_0" desc, "sort_1" limit ?;

-- searchModelRows: by name and tag, next page
select m.*, m.name as "sort_0" from registered_model m where m.project_id = ? and (lower(m.name) like lower(?) and m.id in (select "model" from "registered_model_tag" where key = ? and substr(value, 1, 200) = substr(?, 1, 200) and value = ?)) and (m.name >= ? and ((m.name > ?))) order by "sort_0" limit ?;

-- searchModelRows: no prompts
select m.*, m.name as "sort_0" from registered_model m where m.project_id = ? and not (m.id in (select "model" from "registered_model_tag" where key = ? and value = 'true')) and 1 = 1 order by "sort_0" limit ?;

-- searchVersionRows: of a model
select v.*, v.updated_at as "sort_0", m.name as "sort_1", v.version as "sort_2" from model_version v join registered_model m on m.id = v.model where v.project_id = ? and v.deleted_at is null and m.name = ? and 1 = 1 order by "sort_0" desc, "sort_1", "sort_2" desc limit ?;

-- searchVersionRows: of runs, by number, next page
select v.*, v.version as "sort_0", m.name as "sort_1" from model_version v join registered_model m on m.id = v.model where v.project_id = ? and v.deleted_at is null and (v.run_id in (?, ?) and (select value from "model_version_tag" where "version" = v.id and key = ?) <> ?) and (v.version <= cast(? as double precision) and ((v.version < cast(? as double precision)) or (v.version = cast(? as double precision) and m.name > ?))) order by "sort_0" desc, "sort_1" limit ?;
