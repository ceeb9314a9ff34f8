import { callsOf, sqlIsCheckedIn } from '../../testkit/sql.ts'
import * as outbox from './events/outbox.ts'
import * as queue from './jobs/queue.ts'

const job: queue.Job = {
  id: 'job_1',
  project: 'default',
  kind: 'export',
  payload: {},
  attempts: 1,
  fence: 1,
  lane: null,
}

sqlIsCheckedIn(import.meta.url, [
  callsOf(outbox, {
    insertEvents: (db, dialect) =>
      outbox.insertEvents(db, dialect, 1, 'default', [
        { type: 'experiments.run_ended', run: 'r', experiment: '1', status: 'FINISHED' },
      ]),
    listEventsAfter: (db) => outbox.listEventsAfter(db, 1, 100),
    newestEventId: (db) => outbox.newestEventId(db),
    readCursor: (db) => outbox.readCursor(db, 'rules'),
    lagOfConsumers: (db) => outbox.lagOfConsumers(db),
    writeCursor: (db) => outbox.writeCursor(db, 'rules', 1),
  }),
  callsOf(queue, {
    insertJob: (db) => queue.insertJob(db, 1, 'default', { kind: 'export' }),
    claimJob: (db) => queue.claimJob(db, ['export', 'sweep'], 1, 1_000),
    finishJob: (db) => queue.finishJob(db, job, 1),
    deferJob: (db) => queue.deferJob(db, job, 1, null),
    buryJob: (db) => queue.buryJob(db, job, 1, 'x'),
    renewJob: (db) => queue.renewJob(db, job, 1),
    releaseExpired: (db) => queue.releaseExpired(db, 1, 2),
    countPending: (db) => queue.countPending(db, 'endpoint:', 1),
    listDeadJobs: (db) => queue.listDeadJobs(db, 200),
    countJobs: (db) => queue.countJobs(db),
    sweepDone: (db) => queue.sweepDone(db, 1),
  }),
])
