-- lockChain

-- newestRow
select * from "audit_record" order by "id" desc limit ?;

-- insertRow
insert into "audit_record" ("id", "project_id", "at", "actor", "action", "subject", "details", "previous", "digest") values (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- rowsAfter
select * from "audit_record" where "id" > ? order by "id" limit ?;

-- newestFirst: all
select * from "audit_record" order by "id" desc limit ?;

-- newestFirst: of a subject, next page
select * from "audit_record" where "id" < ? and "subject" = ? order by "id" desc limit ?;

-- newestFirst: searched
select * from "audit_record" where lower(actor || ' ' || action || ' ' || subject || ' ' || details) like ? escape '\' and lower(actor || ' ' || action || ' ' || subject || ' ' || details) like ? escape '\' order by "id" desc limit ?;
