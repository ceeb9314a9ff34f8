import { callsOf, rowOf, sqlIsCheckedIn } from '../../../testkit/sql.ts'
import * as q from './queries.ts'

sqlIsCheckedIn(import.meta.url, [
  callsOf(q, {
    upsertArtifact: (db) => q.upsertArtifact(db, rowOf('artifact')),
    findArtifact: (db) => q.findArtifact(db, 'run:1', 'model/MLmodel'),
    listBelow: {
      'a folder': (db) => q.listBelow(db, 'run:1', 'model'),
      everything: (db) => q.listBelow(db, 'run:1', ''),
    },
    deleteBelow: (db) => q.deleteBelow(db, 'run:1', 'model'),
    deleteOwner: (db) => q.deleteOwner(db, 'run:1'),
    findFreeze: (db) => q.findFreeze(db, 'model:1'),
    insertFreeze: (db) => q.insertFreeze(db, 'default', 'model:1', 'tree', 1),
    insertTree: (db) => q.insertTree(db, rowOf('artifact_tree')),
    findTree: (db) => q.findTree(db, 'tree'),
  }),
])
