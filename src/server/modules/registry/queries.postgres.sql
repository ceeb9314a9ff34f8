-- findModel
select * from "registered_model" where "project_id" = $1 and "name" = $2;

-- insertModel
insert into "registered_model" ("id", "project_id", "name", "description", "last_version", "created_at", "updated_at") values ($1, $2, $3, $4, $5, $6, $7) on conflict ("project_id", "name") do nothing;

-- updateModel
update "registered_model" set "description" = $1, "updated_at" = $2 where "id" = $3;

-- takeVersionNumber
update "registered_model" set "last_version" = "last_version" + $1, "updated_at" = $2 where "id" = $3 returning "last_version";

-- deleteModel
delete from "model_version_tag" where "version" in (select "id" from "model_version" where "model" = $1);
delete from "model_version" where "model" = $1;
delete from "model_alias" where "model" = $1;
delete from "registered_model_tag" where "model" = $1;
delete from "registered_model" where "id" = $1;

-- upsertModelTag
insert into "registered_model_tag" ("model", "key", "value") values ($1, $2, $3) on conflict ("model", "key") do update set "value" = $4;

-- deleteModelTag
delete from "registered_model_tag" where "model" = $1 and "key" = $2;

-- listModelTags
select * from "registered_model_tag" where "model" in ($1, $2) order by "key";

-- listAliases
select * from "model_alias" where "model" in ($1, $2) order by "alias";

-- findAlias
select "version" from "model_alias" where "model" = $1 and "alias" = $2;

-- upsertAlias
insert into "model_alias" ("model", "alias", "version", "updated_at") values ($1, $2, $3, $4) on conflict ("model", "alias") do update set "version" = $5, "updated_at" = $6;

-- deleteAlias
delete from "model_alias" where "model" = $1 and "alias" = $2;

-- deleteAliasesOf
delete from "model_alias" where "model" = $1 and "version" = $2;

-- replaceHolds
delete from "version_hold" where "holder" = $1;
insert into "version_hold" ("version", "holder") values ($1, $2);

-- listHolders: of a version
select distinct "version_hold"."holder" from "version_hold" inner join "model_version" on "model_version"."id" = "version_hold"."version" where "model_version"."model" = $1 and "model_version"."version" = $2 order by "version_hold"."holder";

-- listHolders: of a model
select distinct "version_hold"."holder" from "version_hold" inner join "model_version" on "model_version"."id" = "version_hold"."version" where "model_version"."model" = $1 order by "version_hold"."holder";

-- insertVersion
insert into "model_version" ("id", "project_id", "model", "version", "status", "status_message", "stage", "description", "user_name", "source", "storage_uri", "run_id", "run_link", "logged_model", "source_attempt", "tree", "reference_digest", "reference_format", "created_at", "updated_at", "deleted_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21);

-- updateVersion
update "model_version" set "status" = $1, "updated_at" = $2 where "id" = $3;

-- findVersionRow
select * from "model_version" where "model" = $1 and "version" = $2 and "deleted_at" is null;

-- findVersionById
select * from "model_version" where "id" = $1 and "deleted_at" is null;

-- listVersionRows: newest
select * from "model_version" where "model" = $1 and "deleted_at" is null order by "version" desc limit $2;

-- listVersionRows: next page
select * from "model_version" where "model" = $1 and "deleted_at" is null and "version" < $2 order by "version" desc limit $3;

-- newestVersion
select * from "model_version" where "model" = $1 and "deleted_at" is null order by "version" desc limit $2;

-- newestByStage
select * from "model_version" where ("model", "version") in (select "newest"."model", max("newest"."version") as "version" from "model_version" as "newest" where "newest"."model" in ($1, $2) and "newest"."deleted_at" is null group by "newest"."model", "newest"."stage") order by "version";

-- listWaiting
select * from "model_version" where "tree" = $1 and "status" = $2 and "deleted_at" is null;

-- moveStage
update "model_version" set "stage" = $1, "updated_at" = $2 where "model" = $3 and "stage" = $4 and "version" <> $5 and "deleted_at" is null;

-- upsertVersionTag
insert into "model_version_tag" ("version", "key", "value") values ($1, $2, $3) on conflict ("version", "key") do update set "value" = $4;

-- deleteVersionTag
delete from "model_version_tag" where "version" = $1 and "key" = $2;

-- withVersionDetails
select "id", "name" from "registered_model" where "id" in ($1);
select * from "model_version_tag" where "version" in ($1) order by "key";
select * from "model_alias" where "model" in ($1) order by "alias";

-- insertGate
insert into "gate_result" ("project_id", "version", "kind", "passed", "sentence", "numbers", "at") values ($1, $2, $3, $4, $5, $6, $7) returning "id";

-- listGates
select * from "gate_result" where "version" in ($1, $2) order by "id" desc;

-- findExport
select * from "model_export" where "tree" = $1;

-- listExports
select * from "model_export" where "tree" in ($1, $2);

-- insertPendingExport
insert into "model_export" ("tree", "project_id", "state", "onnx", "signature", "difference", "reason", "reference_digest", "requested_at", "finished_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict ("tree") do update set "state" = $11, "reason" = $12, "requested_at" = $13, "finished_at" = $14 where "model_export"."state" = $15;

-- finishExport
update "model_export" set "state" = $1, "onnx" = $2, "signature" = $3, "difference" = $4, "reason" = $5, "reference_digest" = $6, "finished_at" = $7 where "tree" = $8;

-- insertUpload
insert into "model_upload" ("id", "project_id", "model", "created_at") values ($1, $2, $3, $4);

-- findUpload
select * from "model_upload" where "id" = $1;

-- deleteUpload
delete from "model_upload" where "id" = $1;

-- searchModelRows: newest
select m.*, m.updated_at as "sort_0", m.name as "sort_1" from registered_model m where m.project_id = $1 and 1 = 1 and 1 = 1 order by "sort_0" desc, "sort_1" limit $2;

-- searchModelRows: by name and tag, next page
select m.*, m.name as "sort_0" from registered_model m where m.project_id = $1 and (lower(m.name) like lower($2) and m.id in (select "model" from "registered_model_tag" where key = $3 and substr(value, 1, 200) = substr($4, 1, 200) and value = $5)) and (m.name >= $6 and ((m.name > $7))) order by "sort_0" limit $8;

-- searchModelRows: no prompts
select m.*, m.name as "sort_0" from registered_model m where m.project_id = $1 and not (m.id in (select "model" from "registered_model_tag" where key = $2 and value = 'true')) and 1 = 1 order by "sort_0" limit $3;

-- searchVersionRows: of a model
select v.*, v.updated_at as "sort_0", m.name as "sort_1", v.version as "sort_2" from model_version v join registered_model m on m.id = v.model where v.project_id = $1 and v.deleted_at is null and m.name = $2 and 1 = 1 order by "sort_0" desc, "sort_1", "sort_2" desc limit $3;

-- searchVersionRows: of runs, by number, next page
select v.*, v.version as "sort_0", m.name as "sort_1" from model_version v join registered_model m on m.id = v.model where v.project_id = $1 and v.deleted_at is null and (v.run_id in ($2, $3) and (select value from "model_version_tag" where "version" = v.id and key = $4) <> $5) and (v.version <= cast($6 as double precision) and ((v.version < cast($7 as double precision)) or (v.version = cast($8 as double precision) and m.name > $9))) order by "sort_0" desc, "sort_1" limit $10;
