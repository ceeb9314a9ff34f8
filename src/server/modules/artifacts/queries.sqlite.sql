-- upsertArtifact
insert into "artifact" ("owner", "project_id", "path", "digest", "size", "updated_at") values (?, ?, ?, ?, ?, ?) on conflict ("owner", "path") do update set "digest" = ?, "size" = ?, "updated_at" = ?;

-- findArtifact
select * from "artifact" where "owner" = ? and "path" = ?;

-- listBelow: a folder
select * from "artifact" where "owner" = ? and "path" > ? and "path" < ? order by "path";

-- listBelow: everything
select * from "artifact" where "owner" = ? order by "path";

-- deleteBelow
delete from "artifact" where "owner" = ? and ("path" = ? or ("path" > ? and "path" < ?));

-- deleteOwner
delete from "artifact" where "owner" = ?;

-- findFreeze
select "tree" from "artifact_freeze" where "owner" = ?;

-- insertFreeze
insert into "artifact_freeze" ("owner", "project_id", "tree", "frozen_at") values (?, ?, ?, ?) on conflict do nothing;

-- insertTree
insert into "artifact_tree" ("digest", "project_id", "files", "size", "created_at") values (?, ?, ?, ?, ?) on conflict do nothing;

-- findTree
select * from "artifact_tree" where "digest" = ?;
