-- upsertArtifact
insert into "artifact" ("owner", "project_id", "path", "digest", "size", "updated_at") values ($1, $2, $3, $4, $5, $6) on conflict ("owner", "path") do update set "digest" = $7, "size" = $8, "updated_at" = $9;

-- findArtifact
select * from "artifact" where "owner" = $1 and "path" = $2;

-- listBelow: a folder
select * from "artifact" where "owner" = $1 and "path" > $2 and "path" < $3 order by "path";

-- listBelow: everything
select * from "artifact" where "owner" = $1 order by "path";

-- deleteBelow
delete from "artifact" where "owner" = $1 and ("path" = $2 or ("path" > $3 and "path" < $4));

-- deleteOwner
delete from "artifact" where "owner" = $1;

-- findFreeze
select "tree" from "artifact_freeze" where "owner" = $1;

-- insertFreeze
insert into "artifact_freeze" ("owner", "project_id", "tree", "frozen_at") values ($1, $2, $3, $4) on conflict do nothing;

-- insertTree
insert into "artifact_tree" ("digest", "project_id", "files", "size", "created_at") values ($1, $2, $3, $4, $5) on conflict do nothing;

-- findTree
select * from "artifact_tree" where "digest" = $1;
