import type { RuleSpec } from '../../../contract/automation.ts'
import type { MonitorSpec } from '../../../contract/monitoring.ts'
import type { ModelSpec } from '../../../contract/project.ts'
import type { EndpointSpec } from '../../../contract/serving.ts'
import { MainstayError } from '../../../contract/errors.ts'
import { currentRule, saveRule } from '../automation/module.ts'
import { findMonitor, saveMonitor } from '../monitoring/module.ts'
import { findPipelineContent, savePipeline, wantedContent } from '../pipelines/module.ts'
import { createModel, getModel, updateModel } from '../registry/module.ts'
import { findEndpoint, listEndpoints, saveEndpoint } from '../serving/module.ts'
import type { Section } from './section.ts'

const model: Section = {
  kind: 'model',
  current: async (ctx, name): Promise<ModelSpec | undefined> => {
    const found = await getModel(ctx, name).catch((error: unknown) => {
      if (error instanceof MainstayError && error.code === 'registry.model_not_found') return undefined
      throw error
    })
    return found && { description: found.description }
  },
  save: async (ctx, name, spec) => {
    const { description } = spec as ModelSpec
    const isNew = (await model.current(ctx, name, spec)) === undefined
    return isNew ? await createModel(ctx, { name, description }) : await updateModel(ctx, name, description)
  },
}

const pipeline: Section = {
  kind: 'pipeline',
  current: findPipelineContent,
  wanted: wantedContent,
  save: (ctx, name, definition, codeTree) => savePipeline(ctx, { name, definition, codeTree }),
}

const endpoint: Section = {
  kind: 'endpoint',
  names: async (ctx) => (await listEndpoints(ctx.db)).map(({ name }) => name),
  current: async (ctx, name) => (await findEndpoint(ctx.db, name))?.spec,
  save: (ctx, name, spec) => saveEndpoint(ctx, name, spec as EndpointSpec),
}

/** A monitor watches the endpoint of its own name unless it names another. */
const watched = (name: string, spec: unknown): string => (spec as MonitorSpec).endpoint ?? name

const monitor: Section = {
  kind: 'monitor',
  current: async (ctx, name, spec) => (await findMonitor(ctx.db, watched(name, spec)))?.spec,
  save: (ctx, name, spec) => saveMonitor(ctx, watched(name, spec), spec as MonitorSpec),
}

const rule: Section = {
  kind: 'rule',
  current: (ctx, name) => currentRule(ctx.db, name),
  save: (ctx, name, spec) => saveRule(ctx, name, spec as RuleSpec),
}

/** What `mainstay apply` changes, in this order. */
export const sections: readonly Section[] = [model, pipeline, endpoint, monitor, rule]
