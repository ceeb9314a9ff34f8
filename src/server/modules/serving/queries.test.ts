import { callsOf, rowOf, sqlIsCheckedIn } from '../../../testkit/sql.ts'
import * as q from './queries/endpoints.ts'
import * as labels from './queries/labels.ts'
import * as latency from './queries/latency.ts'
import * as watermark from './queries/watermark.ts'

sqlIsCheckedIn(import.meta.url, [
  callsOf(q, {
    findEndpoint: (db) => q.findEndpoint(db, 'bikes'),
    listEndpoints: (db) => q.listEndpoints(db),
    upsertEndpoint: (db) => q.upsertEndpoint(db, rowOf('endpoint')),
    setRouting: (db) => q.setRouting(db, 'bikes', { salt: 's', error_test: null }),
    listVariants: {
      all: (db) => q.listVariants(db),
      'of an endpoint': (db) => q.listVariants(db, 'bikes'),
    },
    replaceVariants: (db) => q.replaceVariants(db, 'bikes', [rowOf('endpoint_variant')]),
    currentGeneration: (db) => q.currentGeneration(db),
    nextGeneration: (db) => q.nextGeneration(db),
    isIngested: (db) => q.isIngested(db, 'r1', 1),
    markIngested: (db) => q.markIngested(db, 'r1', 1, 1),
    insertSegment: (db) => q.insertSegment(db, rowOf('capture_segment')),
    segmentsBetween: (db) => q.segmentsBetween(db, 'bikes', 0, 1),
    segmentsSince: (db) => q.segmentsSince(db, 'bikes', 0),
    smallSegments: (db) => q.smallSegments(db, 'bikes', 1, 1_000),
    mergeSegments: (db) => q.mergeSegments(db, [rowOf('capture_segment'), rowOf('capture_segment')], 'digest'),
    oldestTime: (db) => q.oldestTime(db, 'bikes'),
    newestTime: (db) => q.newestTime(db, 'bikes'),
    logSpan: (db) => q.logSpan(db, 'bikes'),
    findLogUnit: (db) => q.findLogUnit(db, 'bikes'),
    insertLogUnit: (db) => q.insertLogUnit(db, { endpoint: 'bikes', unit: 'day', chosen_at: 1 }),
    captureTotals: (db) => q.captureTotals(db, 'bikes'),
    addTraffic: (db) => q.addTraffic(db, rowOf('traffic_hour')),
    shadowRows: (db) => q.shadowRows(db, 'bikes'),
    servedByUnit: (db) => q.servedByUnit(db, 'bikes', 0, 1, 86_400_000),
    trafficBetween: (db) => q.trafficBetween(db, 'bikes', 0, 1),
    findReference: (db) => q.findReference(db, 'bikes', 1),
    findReferenceUnit: (db) => q.findReferenceUnit(db, 'bikes', 1),
    insertReference: (db) =>
      q.insertReference(db, { model: 'bikes', version: 1, digest: 'digest', rows: 1, unit: null }),
  }),
  callsOf(labels, {
    findLabels: (db) => labels.findLabels(db, 'bikes', ['a', 'b']),
    insertLabels: (db) => labels.insertLabels(db, [rowOf('label')]),
    correctLabel: (db) => labels.correctLabel(db, rowOf('label')),
    freshLabels: (db) => labels.freshLabels(db, 'bikes', 100),
    searchedLabels: (db) => labels.searchedLabels(db, 'bikes', 100),
    hasWaitingLabels: (db) => labels.hasWaitingLabels(db, 'bikes'),
    markSearched: (db) => labels.markSearched(db, 'bikes', [rowOf('label')], 1),
    markJoined: (db) => labels.markJoined(db, [rowOf('label')]),
    labelsBetween: (db) => labels.labelsBetween(db, 'bikes', 0, 1),
    labelledHours: (db) => labels.labelledHours(db, 'bikes'),
    labelTotals: (db) => labels.labelTotals(db, 'bikes'),
  }),
  callsOf(latency, {
    addLatencies: (db) => latency.addLatencies(db, 'bikes', [{ hour: 0, variant: 'v1', bucket: 1, rows: 1 }]),
    latenciesBetween: (db) => latency.latenciesBetween(db, 'bikes', 0, 1, 3_600_000),
  }),
  callsOf(watermark, {
    raiseWatermark: (db) => watermark.raiseWatermark(db, rowOf('endpoint_watermark')),
    findWatermark: (db) => watermark.findWatermark(db, 'bikes'),
    listQuietReplicas: (db) => watermark.listQuietReplicas(db, 1),
    markSilent: (db) => watermark.markSilent(db, 'bikes', 'r1'),
  }),
])
