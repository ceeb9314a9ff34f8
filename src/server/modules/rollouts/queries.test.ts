import { callsOf, rowOf, sqlIsCheckedIn } from '../../../testkit/sql.ts'
import * as q from './queries/rollouts.ts'
import * as compared from './queries/compared.ts'

const range = { endpoint: 'bikes', versions: [1, 2], from: 0, to: 1 } as const

sqlIsCheckedIn(import.meta.url, [
  callsOf(q, {
    insertRollout: (db) => q.insertRollout(db, rowOf('rollout')),
    findRollout: (db) => q.findRollout(db, 'ro_1'),
    activeRollout: (db) => q.activeRollout(db, 'bikes'),
    listRollouts: {
      all: (db) => q.listRollouts(db, undefined, 50),
      'of an endpoint': (db) => q.listRollouts(db, 'bikes', 50),
    },
    updateRollout: (db) => q.updateRollout(db, 'ro_1', { stage: 'canary', progress: { steps: [] } }),
    insertVerdict: (db) => q.insertVerdict(db, rowOf('rollout_verdict')),
    listVerdicts: (db) => q.listVerdicts(db, 'ro_1'),
    newestVerdict: (db) => q.newestVerdict(db, 'ro_1'),
    promotedVersions: (db) => q.promotedVersions(db, 'bikes'),
    undoPromotion: (db) => q.undoPromotion(db, 'bikes', 2, { sentence: 'x', at: 1 }),
    liveSince: (db) => q.liveSince(db, 'bikes'),
  }),
  callsOf(compared, {
    replaceCompared: (db) =>
      compared.replaceCompared(db, 'bikes', [0, 1], { pairs: [rowOf('pair_slice')], draws: [rowOf('draw_hour')] }),
    pairsBetween: (db) => compared.pairsBetween(db, range),
    drawsBetween: (db) => compared.drawsBetween(db, range),
  }),
])
