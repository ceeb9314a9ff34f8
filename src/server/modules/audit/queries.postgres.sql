-- lockChain
lock table audit_record in exclusive mode;

-- newestRow
select * from "audit_record" order by "id" desc limit $1;

-- insertRow
insert into "audit_record" ("id", "project_id", "at", "actor", "action", "subject", "details", "previous", "digest") values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- rowsAfter
select * from "audit_record" where "id" > $1 order by "id" limit $2;

-- newestFirst: all
select * from "audit_record" order by "id" desc limit $1;

-- newestFirst: of a subject, next page
select * from "audit_record" where "id" < $1 and "subject" = $2 order by "id" desc limit $3;

-- newestFirst: searched
select * from "audit_record" where lower(actor || ' ' || action || ' ' || subject || ' ' || details) like $1 escape '\' and lower(actor || ' ' || action || ' ' || subject || ' ' || details) like $2 escape '\' order by "id" desc limit $3;
