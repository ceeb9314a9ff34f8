import { callsOf, rowOf, sqlIsCheckedIn } from '../../../testkit/sql.ts'
import * as incidents from './queries/incidents.ts'
import * as outcomes from './queries/outcomes.ts'
import * as q from './queries/windows.ts'

const aWindow = { ...rowOf('monitor_window'), numbers: {} }
const range = { from: 0, to: 1, unit: 86_400_000 }

sqlIsCheckedIn(import.meta.url, [
  callsOf(incidents, {
    findOpen: (db) => incidents.findOpen(db, 'bikes', 'performance'),
    newestNumber: (db) => incidents.newestNumber(db),
    insertIncident: (db) => incidents.insertIncident(db, rowOf('incident')),
    updateIncident: (db) => incidents.updateIncident(db, 'inc_1', { state: 'closed', closed_at: 1 }),
    findIncident: (db) => incidents.findIncident(db, 'inc_1'),
    findNumbered: (db) => incidents.findNumbered(db, 1),
    incidentNumbers: (db) => incidents.incidentNumbers(db, 'inc_1'),
    listIncidents: {
      all: (db) => incidents.listIncidents(db, {}),
      filtered: (db) => incidents.listIncidents(db, { endpoint: 'bikes', state: 'closed' }),
    },
    insertEntry: (db) => incidents.insertEntry(db, rowOf('incident_entry')),
    listEntries: (db) => incidents.listEntries(db, 'inc_1'),
    countOpenBySignal: (db) => incidents.countOpenBySignal(db),
    countOpen: (db) => incidents.countOpen(db, 'bikes'),
  }),
  callsOf(outcomes, {
    replaceOutcomes: (db) => outcomes.replaceOutcomes(db, 'bikes', [0, 1], [rowOf('outcome_block')]),
    actualByHour: (db) => outcomes.actualByHour(db, 'bikes', 0, 1),
    outcomesByUnit: {
      'of all versions': (db) => outcomes.outcomesByUnit(db, 'bikes', { ...range, apart: 'nothing' }, { kind: 'live' }),
      'of a version by block': (db) =>
        outcomes.outcomesByUnit(db, 'bikes', { ...range, apart: 'blocks' }, { kind: 'shadow', version: 1 }),
      'of entities': (db) => outcomes.outcomesByUnit(db, 'bikes', { ...range, apart: 'slices' }, { kind: 'live' }),
    },
    scoresByHour: (db) => outcomes.scoresByHour(db, 'bikes', range, { kind: 'live', version: 1 }),
    versionsByUnit: (db) => outcomes.versionsByUnit(db, 'bikes', range),
  }),
  callsOf(q, {
    findMonitor: (db) => q.findMonitor(db, 'bikes'),
    listMonitors: (db) => q.listMonitors(db),
    upsertMonitor: (db) => q.upsertMonitor(db, rowOf('monitor')),
    updateMonitor: (db) => q.updateMonitor(db, 'bikes', { sentence: 'x' }),
    findProfile: (db) => q.findProfile(db, rowOf('profile_bucket')),
    putProfile: (db) => q.putProfile(db, rowOf('profile_bucket')),
    profilesBetween: (db) => q.profilesBetween(db, 'bikes', 0, 1),
    addFeed: (db) => q.addFeed(db, rowOf('feed_bucket')),
    feedBetween: (db) => q.feedBetween(db, 'bikes', 0, 1),
    feedBuckets: (db) => q.feedBuckets(db, 'bikes', 0, 1),
    nextFeed: (db) => q.nextFeed(db, 'bikes', 0),
    replaceWindow: (db) => q.replaceWindow(db, aWindow),
    insertWindow: (db) => q.insertWindow(db, aWindow),
    newestWindow: (db) => q.newestWindow(db, 'bikes', 'performance'),
    judgedWindows: {
      newest: (db) => q.judgedWindows(db, 'bikes', 'performance', { limit: 3 }),
      bounded: (db) => q.judgedWindows(db, 'bikes', 'performance', { limit: 3, before: 9, after: 1 }),
    },
    judgedAfter: (db) => q.judgedAfter(db, 'bikes', 0, 10),
    markLate: (db) => q.markLate(db, 'bikes', [0, 1]),
    unmarkLate: (db) => q.unmarkLate(db, 'bikes', 0),
    oldestLate: (db) => q.oldestLate(db, 'bikes'),
    performanceSpans: (db) => q.performanceSpans(db, 'bikes', 0, 1),
    windowsBetween: (db) => q.windowsBetween(db, 'bikes', 'performance', 0, 1),
    openQuarantine: (db) => q.openQuarantine(db, 'bikes'),
    listQuarantines: (db) => q.listQuarantines(db, 'bikes'),
    insertQuarantine: (db) => q.insertQuarantine(db, rowOf('quarantine')),
    updateQuarantine: (db) => q.updateQuarantine(db, 'q_1', { lifted_at: 1 }),
    addMarker: (db) =>
      q.addMarker(db, { endpoint: 'bikes', at: 0, kind: 'promote', label: 'x', link: null, changesLive: true }),
    listMarkers: (db) => q.listMarkers(db, 'bikes', 0, 1),
    lastChange: (db) => q.lastChange(db, 'bikes', 1),
  }),
])
