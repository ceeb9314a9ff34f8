import { callsOf, newRowOf, rowOf, sqlIsCheckedIn } from '../../../testkit/sql.ts'
import { parseFilter, parseOrders } from './filter.ts'
import * as bulk from './queries/bulk.ts'
import * as details from './queries/run-details.ts'
import * as experiments from './queries/experiments.ts'
import * as keys from './queries/run-keys.ts'
import * as metrics from './queries/metrics.ts'
import * as models from './queries/logged-models.ts'
import * as runs from './queries/runs.ts'
import * as searchModels from './queries/search-models.ts'
import * as searchRuns from './queries/search-runs.ts'

const token = (...values: string[]): string => Buffer.from(JSON.stringify(values)).toString('base64url')

const asked = (filter: string | undefined, order: string[], after?: string): searchRuns.RunSearch => ({
  experiments: [1],
  filter: parseFilter(filter),
  orders: parseOrders(order),
  lifecycles: ['active'],
  limit: 100,
  after,
})

const tag = { key: 'team', value: 'risk' }
const point = { key: 'rmse', value: 0.3, timestamp: 1, step: 0 }
const modelPoint = { ...point, run_id: 'r', dataset_name: '', dataset_digest: '' }
const dataset = { name: 'd', digest: 'x', source_type: 's', source: 's', schema: null, profile: null, tags: [] }

sqlIsCheckedIn(import.meta.url, [
  callsOf(bulk, {
    insertMany: (db, dialect) =>
      bulk.insertMany(
        db,
        dialect,
        'run_tag',
        ['run', 'key', 'value'],
        Array.from({ length: 6 }, (_, i) => [1, `k${i}`, 'v']),
        'on conflict do nothing',
      ),
  }),
  callsOf(experiments, {
    findExperiment: (db) => experiments.findExperiment(db, 1),
    findExperimentByName: (db) => experiments.findExperimentByName(db, 'default', 'bikes'),
    insertExperiment: (db) => experiments.insertExperiment(db, newRowOf('experiment')),
    updateExperiment: (db) => experiments.updateExperiment(db, 1, { name: 'x', updated_at: 1 }),
    upsertExperimentTag: (db) => experiments.upsertExperimentTag(db, 1, tag),
    deleteExperimentTag: (db) => experiments.deleteExperimentTag(db, 1, 'team'),
    setLifecycleOfRuns: (db) => experiments.setLifecycleOfRuns(db, 1, 'deleted'),
    searchExperiments: {
      newest: (db, dialect) =>
        experiments.searchExperiments(db, dialect, { ...asked(undefined, []), project: 'default' }),
      'by name, time and tag, next page': (db, dialect) =>
        experiments.searchExperiments(db, dialect, {
          ...asked(
            "name LIKE 'b%' AND experiment_id != '0' AND creation_time > 5 AND tags.team = 'risk'",
            ['name'],
            token('bikes', '1'),
          ),
          project: 'default',
        }),
    },
  }),
  callsOf(runs, {
    findRun: (db) => runs.findRun(db, 'r'),
    insertRun: (db) => runs.insertRun(db, newRowOf('run')),
    updateRun: (db) => runs.updateRun(db, 1, { status: 'FINISHED', end_time: 1 }),
    findRunsOfAttempt: (db) => runs.findRunsOfAttempt(db, 'att_1'),
    upsertTags: (db, dialect) => runs.upsertTags(db, dialect, 1, [tag]),
    deleteTag: (db) => runs.deleteTag(db, 1, 'team'),
    insertParams: (db, dialect) => runs.insertParams(db, dialect, 1, [tag]),
    insertDatasetInput: (db) => runs.insertDatasetInput(db, rowOf('run'), dataset),
    insertModelLinks: (db) => runs.insertModelLinks(db, 1, [{ direction: 'output', model_id: 'm-1', step: 0 }]),
    listDatasets: (db) => runs.listDatasets(db, [1, 2], 100),
  }),
  callsOf(keys, {
    countActiveRuns: (db) => keys.countActiveRuns(db),
    metricKeys: (db) => keys.metricKeys(db, 1),
    paramKeys: (db) => keys.paramKeys(db, 1),
  }),
  callsOf(details, { withDetails: (db, dialect) => details.withDetails(db, dialect, [rowOf('run')]) }),
  callsOf(metrics, {
    insertPoints: (db, dialect) => metrics.insertPoints(db, dialect, 1, [point]),
    insertModelPoints: (db, dialect) => metrics.insertModelPoints(db, dialect, 1, [modelPoint]),
    readHistory: {
      whole: (db) => metrics.readHistory(db, 1, 'rmse', undefined, undefined),
      'next page': (db) => metrics.readHistory(db, 1, 'rmse', { step: 1, timestamp: 1, value: 0.5, is_nan: 0 }, 100),
    },
    listSteps: (db) => metrics.listSteps(db, 1, 'rmse', 0, 100),
    readSteps: (db) => metrics.readSteps(db, 1, 'rmse', [1, 2]),
    readLatest: (db) => metrics.readLatest(db, 1),
  }),
  callsOf(models, {
    insertLoggedModel: (db) => models.insertLoggedModel(db, newRowOf('logged_model')),
    findLoggedModelRow: (db) => models.findLoggedModelRow(db, 'm-1'),
    updateLoggedModel: (db) => models.updateLoggedModel(db, 1, { status: 'READY', updated_at: 1 }),
    findModelsOfAttempt: (db) => models.findModelsOfAttempt(db, 'att_1'),
    findModelsOfRun: (db) => models.findModelsOfRun(db, 'r'),
    upsertModelTags: (db, dialect) => models.upsertModelTags(db, dialect, 1, [tag]),
    findModelTag: (db) => models.findModelTag(db, 1, 'team'),
    deleteModelTag: (db) => models.deleteModelTag(db, 1, 'team'),
    insertModelParams: (db, dialect) => models.insertModelParams(db, dialect, 1, [tag]),
    withModelDetails: (db) => models.withModelDetails(db, [rowOf('logged_model')]),
  }),
  callsOf(searchModels, {
    searchModelRows: {
      newest: (db, dialect) =>
        searchModels.searchModelRows(db, dialect, { ...asked(undefined, []), datasets: [], orders: [] }),
      'by a metric on a dataset, next page': (db, dialect) =>
        searchModels.searchModelRows(db, dialect, {
          ...asked("metrics.rmse < 0.3 AND params.depth = '3' AND status = 'READY'", [], token('0', '0.3', '1', 'm-1')),
          datasets: [{ name: 'test', digest: 'x' }],
          orders: [{ field: 'metrics.rmse', descending: false, dataset: { name: 'test' } }],
        }),
    },
  }),
  callsOf(searchRuns, {
    searchRunRows: {
      newest: (db, dialect) => searchRuns.searchRunRows(db, dialect, asked(undefined, [])),
      'next page of two experiments': (db, dialect) =>
        searchRuns.searchRunRows(db, dialect, {
          ...asked(undefined, [], token('1700000000000', 'r')),
          experiments: [1, 2],
          lifecycles: ['active', 'deleted'],
        }),
      'by a metric': (db, dialect) =>
        searchRuns.searchRunRows(db, dialect, asked('metrics.rmse > 0.9 AND metrics.mae != 1', ['metrics.rmse DESC'])),
      'by param, tag and dataset': (db, dialect) =>
        searchRuns.searchRunRows(
          db,
          dialect,
          asked("params.depth = '3' AND tags.team != 'x' AND datasets.name = 'd'", ['params.depth', 'tags.team DESC']),
        ),
      'by patterns and attributes': (db, dialect) =>
        searchRuns.searchRunRows(
          db,
          dialect,
          asked("run_name LIKE 'a%' AND tags.team ILIKE '%k' AND status = 'FAILED' AND end_time > 5", ['end_time']),
        ),
      'with or, in and null': (db, dialect) =>
        searchRuns.searchRunRows(
          db,
          dialect,
          asked("(run_id IN ('a', 'b') OR tags.team IS NULL) AND params.depth IS NOT NULL", []),
        ),
    },
  }),
])
