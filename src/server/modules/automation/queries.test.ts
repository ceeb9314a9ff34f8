import { callsOf, rowOf, sqlIsCheckedIn } from '../../../testkit/sql.ts'
import * as q from './queries/actions.ts'
import * as looks from './queries/looks.ts'

sqlIsCheckedIn(import.meta.url, [
  callsOf(q, {
    upsertRule: (db) => q.upsertRule(db, rowOf('rule')),
    listRules: (db) => q.listRules(db),
    findRule: (db) => q.findRule(db, 'fresh'),
    setRuleMode: (db) => q.setRuleMode(db, 'fresh', 'auto', 1),
    isEnabled: (db) => q.isEnabled(db),
    setEnabled: (db) => q.setEnabled(db, false, 'x', 1),
    insertDecision: (db) => q.insertDecision(db, rowOf('decision')),
    listDecisions: {
      all: (db) => q.listDecisions(db, undefined, 50),
      'of an endpoint': (db) => q.listDecisions(db, 'bikes', 50),
    },
    newestDecision: (db) => q.newestDecision(db, 'fresh'),
    insertAction: (db) => q.insertAction(db, { ...rowOf('automation_action'), params: {}, numbers: {} }),
    updateAction: (db) => q.updateAction(db, 'act_1', { state: 'running' }),
    findAction: (db) => q.findAction(db, 'act_1'),
    actionInFlight: (db) => q.actionInFlight(db, 'bikes'),
    actionOfRollout: (db) => q.actionOfRollout(db, 'ro_1'),
    listActions: {
      all: (db) => q.listActions(db, {}),
      filtered: (db) => q.listActions(db, { endpoint: 'bikes', incident: 'inc_1', state: 'proposed', rule: 'fresh' }),
    },
  }),
  callsOf(looks, {
    listLooks: {
      'of a run': (db) => looks.listLooks(db, 'pr_1'),
      'of a step': (db) => looks.listLooks(db, 'pr_1', 'check'),
    },
    insertLook: (db) => looks.insertLook(db, { ...rowOf('gate_look'), numbers: {} }),
  }),
])
