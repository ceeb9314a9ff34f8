import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { audit } from '../audit/module.ts'
import { parseFilter, parseOrders } from './filter.ts'
import * as q from './queries/experiments.ts'
import type { SearchPage } from './queries/keyset.ts'
import { assertKey, assertLength, experimentNumber, limits } from './rules.ts'
import type { Lifecycle } from './tables.ts'

export type { Experiment, Tag } from './queries/experiments.ts'

export type View = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL'

export function lifecyclesOf(view: View | undefined): Lifecycle[] {
  if (view === 'ALL') return ['active', 'deleted']
  return view === 'DELETED_ONLY' ? ['deleted'] : ['active']
}

export async function getExperiment(db: Db, id: string): Promise<q.Experiment> {
  const experiment = await q.findExperiment(db, experimentNumber(id))
  if (!experiment) throw new MainstayError('experiments.not_found', `No Experiment with id=${id} exists`)
  return experiment
}

async function getActive(db: Db, id: string): Promise<q.Experiment> {
  const experiment = await getExperiment(db, id)
  if (experiment.lifecycle !== 'active') {
    throw new MainstayError(
      'request.invalid',
      `The experiment ${id} must be in the 'active' state. Current state is deleted.`,
    )
  }
  return experiment
}

export async function getExperimentByName(ctx: Ctx, name: string): Promise<q.Experiment> {
  const experiment = await q.findExperimentByName(ctx.db, ctx.project, name)
  if (!experiment)
    throw new MainstayError('experiments.not_found', `Could not find experiment with name '${name.slice(0, 200)}'`)
  return experiment
}

export interface NewExperiment {
  name: string
  artifactLocation?: string | undefined
  tags?: readonly q.Tag[] | undefined
}

/** Makes an experiment. Its name stays taken after it is deleted. */
export function createExperiment(ctx: Ctx, input: NewExperiment): Promise<string> {
  const { name } = input
  if (name.trim() === '') throw new MainstayError('request.invalid', "Invalid experiment name: ''. A name is needed.")
  assertLength(name, limits.experimentName, 'Experiment name')
  const location = input.artifactLocation?.replace(/\/+$/, '') ?? ''
  if (/[?#]/.test(location))
    throw new MainstayError('request.invalid', 'Artifact location must not hold a query or a fragment')
  return ctx.tx(async (ctx) => {
    const now = ctx.clock.now()
    const id = await q.insertExperiment(ctx.db, {
      project_id: ctx.project,
      name,
      artifact_location: location,
      lifecycle: 'active',
      created_at: now,
      updated_at: now,
    })
    if (id === undefined) {
      throw new MainstayError(
        'experiments.name_taken',
        `Experiment(name=${name}) already exists. It may be deleted; names of deleted experiments stay taken.`,
      )
    }
    if (location === '') await q.updateExperiment(ctx.db, id, { artifact_location: `mlflow-artifacts:/${id}` })
    for (const tag of input.tags ?? []) await q.upsertExperimentTag(ctx.db, id, assertTag(tag))
    await audit(ctx, 'experiments.created', String(id), { name })
    return String(id)
  })
}

function assertTag(tag: q.Tag): q.Tag {
  assertKey(tag.key, 'tag')
  assertLength(tag.value, limits.experimentTagValue, `Tag value of '${tag.key}'`)
  return tag
}

export function renameExperiment(ctx: Ctx, id: string, name: string): Promise<void> {
  assertLength(name, limits.experimentName, 'Experiment name')
  return ctx.tx(async (ctx) => {
    const experiment = await getActive(ctx.db, id)
    const holder = await q.findExperimentByName(ctx.db, ctx.project, name)
    if (holder && holder.id !== experiment.id) {
      throw new MainstayError('experiments.name_taken', `Experiment(name=${name}) already exists`)
    }
    await q.updateExperiment(ctx.db, experiment.id, { name, updated_at: ctx.clock.now() })
    await audit(ctx, 'experiments.renamed', id, { from: experiment.name, to: name })
  })
}

/** Deletes or restores an experiment and all its runs with it. */
export function setExperimentLifecycle(ctx: Ctx, id: string, lifecycle: Lifecycle): Promise<void> {
  return ctx.tx(async (ctx) => {
    const experiment = await getExperiment(ctx.db, id)
    if (experiment.lifecycle === lifecycle) {
      throw new MainstayError(
        'experiments.not_found',
        `No ${lifecycle === 'deleted' ? 'active' : 'deleted'} experiment with id=${id} exists`,
      )
    }
    await q.updateExperiment(ctx.db, experiment.id, { lifecycle, updated_at: ctx.clock.now() })
    await q.setLifecycleOfRuns(ctx.db, experiment.id, lifecycle)
    await audit(ctx, lifecycle === 'deleted' ? 'experiments.deleted' : 'experiments.restored', id)
  })
}

export function setExperimentTag(ctx: Ctx, id: string, tag: q.Tag): Promise<void> {
  assertTag(tag)
  return ctx.tx(async (ctx) => {
    const experiment = await getActive(ctx.db, id)
    await q.upsertExperimentTag(ctx.db, experiment.id, tag)
  })
}

export function deleteExperimentTag(ctx: Ctx, id: string, key: string): Promise<void> {
  return ctx.tx(async (ctx) => {
    const experiment = await getActive(ctx.db, id)
    if (!(await q.deleteExperimentTag(ctx.db, experiment.id, key))) {
      throw new MainstayError(
        'experiments.not_found',
        `No tag with name: ${key.slice(0, 250)} in experiment with id ${id}`,
      )
    }
  })
}

export interface ExperimentQuery {
  filter?: string | undefined
  orderBy?: readonly string[] | undefined
  view?: View | undefined
  limit: number
  after?: string | undefined
}

export async function searchExperiments(ctx: Ctx, query: ExperimentQuery): Promise<SearchPage<q.Experiment>> {
  return await q.searchExperiments(ctx.db, ctx.dialect, {
    project: ctx.project,
    filter: parseFilter(query.filter),
    orders: parseOrders(query.orderBy),
    lifecycles: lifecyclesOf(query.view),
    limit: query.limit,
    after: query.after,
  })
}
