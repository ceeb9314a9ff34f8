import { callsOf, newRowOf, rowOf, sqlIsCheckedIn } from '../../../testkit/sql.ts'
import { parseFilter, parseOrders } from '../experiments/module.ts'
import * as exports from './queries/exports.ts'
import * as holds from './queries/holds.ts'
import * as models from './queries/models.ts'
import * as search from './queries/search.ts'
import * as versions from './queries/versions.ts'

const asked = (filter: string | undefined, order: string[], after?: string): search.RegistrySearch => ({
  project: 'default',
  filter: parseFilter(filter),
  orders: parseOrders(order),
  limit: 100,
  after,
})

const token = (...values: string[]): string => Buffer.from(JSON.stringify(values)).toString('base64url')
const tag = { key: 'team', value: 'risk' }

sqlIsCheckedIn(import.meta.url, [
  callsOf(models, {
    findModel: (db) => models.findModel(db, 'default', 'churn'),
    insertModel: (db) => models.insertModel(db, rowOf('registered_model')),
    updateModel: (db) => models.updateModel(db, 'rm_1', { description: 'x', updated_at: 1 }),
    takeVersionNumber: (db) => models.takeVersionNumber(db, 'rm_1', 1),
    deleteModel: (db) => models.deleteModel(db, 'rm_1'),
    upsertModelTag: (db) => models.upsertModelTag(db, 'rm_1', tag),
    deleteModelTag: (db) => models.deleteModelTag(db, 'rm_1', 'team'),
    listModelTags: (db) => models.listModelTags(db, ['rm_1', 'rm_2']),
    listAliases: (db) => models.listAliases(db, ['rm_1', 'rm_2']),
    findAlias: (db) => models.findAlias(db, 'rm_1', 'champion'),
    upsertAlias: (db) => models.upsertAlias(db, 'rm_1', 'champion', 1, 1),
    deleteAlias: (db) => models.deleteAlias(db, 'rm_1', 'champion'),
    deleteAliasesOf: (db) => models.deleteAliasesOf(db, 'rm_1', 1),
  }),
  callsOf(holds, {
    replaceHolds: (db) => holds.replaceHolds(db, 'endpoint bikes', ['mv_1']),
    listHolders: {
      'of a version': (db) => holds.listHolders(db, 'rm_1', 2),
      'of a model': (db) => holds.listHolders(db, 'rm_1'),
    },
  }),
  callsOf(versions, {
    insertVersion: (db) => versions.insertVersion(db, rowOf('model_version')),
    updateVersion: (db) => versions.updateVersion(db, 'mv_1', { status: 'READY', updated_at: 1 }),
    findVersionRow: (db) => versions.findVersionRow(db, 'rm_1', 1),
    findVersionById: (db) => versions.findVersionById(db, 'mv_1'),
    listVersionRows: {
      newest: (db) => versions.listVersionRows(db, 'rm_1', undefined, 100),
      'next page': (db) => versions.listVersionRows(db, 'rm_1', 5, 100),
    },
    newestVersion: (db) => versions.newestVersion(db, 'rm_1'),
    newestByStage: (db) => versions.newestByStage(db, ['rm_1', 'rm_2']),
    listWaiting: (db) => versions.listWaiting(db, 'tree'),
    moveStage: (db) => versions.moveStage(db, 'rm_1', 'Production', 'Archived', 1, 1),
    upsertVersionTag: (db) => versions.upsertVersionTag(db, 'mv_1', tag),
    deleteVersionTag: (db) => versions.deleteVersionTag(db, 'mv_1', 'team'),
    withVersionDetails: (db) => versions.withVersionDetails(db, [rowOf('model_version')]),
    insertGate: (db) => versions.insertGate(db, newRowOf('gate_result')),
    listGates: (db) => versions.listGates(db, ['mv_1', 'mv_2']),
  }),
  callsOf(exports, {
    findExport: (db) => exports.findExport(db, 'tree'),
    listExports: (db) => exports.listExports(db, ['tree', 'other']),
    insertPendingExport: (db) => exports.insertPendingExport(db, 'default', 'tree', 1),
    finishExport: (db) =>
      exports.finishExport(
        db,
        {
          tree: 'tree',
          state: 'failed',
          onnx: null,
          signature: null,
          difference: null,
          reason: 'x',
          referenceDigest: null,
        },
        1,
      ),
    insertUpload: (db) => exports.insertUpload(db, rowOf('model_upload')),
    findUpload: (db) => exports.findUpload(db, 'up_1'),
    deleteUpload: (db) => exports.deleteUpload(db, 'up_1'),
  }),
  callsOf(search, {
    searchModelRows: {
      newest: (db, dialect) => search.searchModelRows(db, dialect, asked(undefined, ['timestamp DESC'])),
      'by name and tag, next page': (db, dialect) =>
        search.searchModelRows(db, dialect, asked("name ILIKE '%churn%' AND tags.team = 'risk'", [], token('churn'))),
      'no prompts': (db, dialect) =>
        search.searchModelRows(db, dialect, asked("tags.`mlflow.prompt.is_prompt` != 'true'", [])),
    },
    searchVersionRows: {
      'of a model': (db, dialect) => search.searchVersionRows(db, dialect, asked("name = 'churn'", [])),
      'of runs, by number, next page': (db, dialect) =>
        search.searchVersionRows(
          db,
          dialect,
          asked("run_id IN ('a', 'b') AND tags.team != 'risk'", ['version_number DESC'], token('5', 'churn')),
        ),
    },
  }),
])
