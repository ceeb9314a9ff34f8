import { callsOf, rowOf, sqlIsCheckedIn } from '../../../testkit/sql.ts'
import * as q from './queries.ts'

sqlIsCheckedIn(import.meta.url, [
  callsOf(q, {
    insertToken: (db) => q.insertToken(db, rowOf('api_token')),
    findByDigest: (db) => q.findByDigest(db, 'digest'),
    listPersonal: (db) => q.listPersonal(db),
    deleteToken: (db) => q.deleteToken(db, 'tok_1'),
    deleteOfAttempt: (db) => q.deleteOfAttempt(db, 'pa_1'),
    validDigests: (db) => q.validDigests(db, ['admin', 'editor'], 1),
  }),
])
