import { callsOf, rowOf, sqlIsCheckedIn } from '../../../testkit/sql.ts'
import * as holders from './queries/holders.ts'
import * as runs from './queries/runs.ts'
import * as triggers from './queries/triggers.ts'

const held = { run_id: 'pr_1', name: 'train', fence: 1 }

sqlIsCheckedIn(import.meta.url, [
  callsOf(holders, {
    beat: (db) => holders.beat(db, 'default', 'h'),
    listOthersAtWork: (db) => holders.listOthersAtWork(db, 'h'),
    findHolder: (db) => holders.findHolder(db, 'h'),
  }),
  callsOf(runs, {
    findPipeline: (db) => runs.findPipeline(db, 'default', 'bikes'),
    listPipelines: (db) => runs.listPipelines(db, 'default'),
    upsertPipeline: (db) => runs.upsertPipeline(db, rowOf('pipeline')),
    lockPipeline: (db) => runs.lockPipeline(db, 'default', 'bikes'),
    insertVersion: (db) => runs.insertVersion(db, rowOf('pipeline_version')),
    getVersion: (db) => runs.getVersion(db, 'default', 'bikes', 'digest'),
    findRun: (db) => runs.findRun(db, 'pr_1'),
    getRun: (db) => runs.getRun(db, 'pr_1'),
    findRunByKey: (db) => runs.findRunByKey(db, 'default', 'bikes', 'key'),
    insertRun: (db) => runs.insertRun(db, rowOf('pipeline_run'), [rowOf('pipeline_node')]),
    updateRun: (db) => runs.updateRun(db, 'pr_1', { state: 'running' }),
    countRuns: (db) => runs.countRuns(db, 'default', 'bikes', 'running'),
    countRunsByState: (db) => runs.countRunsByState(db),
    oldestQueued: (db) => runs.oldestQueued(db, 'default', 'bikes'),
    newestRuns: {
      all: (db) => runs.newestRuns(db, 'default', { pipeline: undefined, state: undefined, before: undefined }, 50),
      filtered: (db) => runs.newestRuns(db, 'default', { pipeline: 'bikes', state: 'failed', before: 'pr_9' }, 50),
    },
    takeFromRemaining: (db) => runs.takeFromRemaining(db, 'pr_1', 1),
    listNodes: {
      all: (db) => runs.listNodes(db, 'pr_1'),
      named: (db) => runs.listNodes(db, 'pr_1', ['train', 'check']),
    },
    findNode: (db) => runs.findNode(db, 'pr_1', 'train'),
    changeNode: (db) => runs.changeNode(db, held, ['ready', 'running'], { state: 'running', fence: 2 }),
    holdNode: (db) => runs.holdNode(db, held),
    resetNode: (db) => runs.resetNode(db, rowOf('pipeline_node'), 1),
    countDown: (db) => runs.countDown(db, 'pr_1', ['check', 'register']),
    listReadyCommands: (db) => runs.listReadyCommands(db, 10),
    listReadyOthers: (db) => runs.listReadyOthers(db),
    insertAttempt: (db) => runs.insertAttempt(db, rowOf('pipeline_attempt')),
    updateAttempt: (db) => runs.updateAttempt(db, 'att_1', { state: 'ended', ended_at: 1 }),
    listAttempts: {
      'of a run': (db) => runs.listAttempts(db, 'pr_1'),
      'of a node': (db) => runs.listAttempts(db, 'pr_1', 'train'),
    },
    findAttempt: (db) => runs.findAttempt(db, 'att_1'),
    runningAttempts: (db) => runs.runningAttempts(db, 'h'),
    endedAmong: (db) => runs.endedAmong(db, ['att_1', 'att_2']),
    findCached: (db) => runs.findCached(db, 'default', 'key'),
    newestCached: (db) => runs.newestCached(db, 'default', 'bikes', 'train'),
    insertCached: (db) => runs.insertCached(db, rowOf('pipeline_cache')),
    deleteCached: (db) => runs.deleteCached(db, 'default', 'key'),
  }),
  callsOf(triggers, {
    listTriggers: {
      all: (db) => triggers.listTriggers(db, 'default'),
      'of a pipeline': (db) => triggers.listTriggers(db, 'default', 'bikes'),
    },
    insertTrigger: (db) => triggers.insertTrigger(db, rowOf('pipeline_trigger')),
    deleteTriggersExcept: {
      all: (db) => triggers.deleteTriggersExcept(db, 'default', 'bikes', []),
      'but some': (db) => triggers.deleteTriggersExcept(db, 'default', 'bikes', ['a', 'b']),
    },
    listDue: (db) => triggers.listDue(db, 1),
    earliestNext: (db) => triggers.earliestNext(db),
    advance: (db) => triggers.advance(db, rowOf('pipeline_trigger'), 2),
    listEventTriggers: (db) => triggers.listEventTriggers(db),
    insertFire: (db) => triggers.insertFire(db, rowOf('pipeline_trigger_fire')),
  }),
])
