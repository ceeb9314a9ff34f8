import { callsOf, rowOf, sqlIsCheckedIn } from '../../../testkit/sql.ts'
import * as q from './queries.ts'

sqlIsCheckedIn(import.meta.url, [
  callsOf(q, {
    lockChain: (db, dialect) => q.lockChain(db, dialect),
    newestRow: (db) => q.newestRow(db),
    insertRow: (db) => q.insertRow(db, rowOf('audit_record')),
    rowsAfter: (db) => q.rowsAfter(db, 1, 100),
    newestFirst: {
      all: (db) => q.newestFirst(db, { words: [] }, 100),
      'of a subject, next page': (db) => q.newestFirst(db, { before: 5, subject: 'churn', words: [] }, 100),
      searched: (db) => q.newestFirst(db, { words: ['ana', 'promoted'] }, 100),
    },
  }),
])
