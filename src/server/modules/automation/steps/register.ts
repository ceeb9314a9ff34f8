import type { PlatformStep } from '../../pipelines/module.ts'
import { createVersion, recordGate } from '../../registry/module.ts'
import { findModel, textOf } from './upstream.ts'

/** Registers a logged model as a version, in the transaction that ends the step: exactly once. */
export const registerStep: PlatformStep = {
  kind: 'register',
  prepare: () => Promise.resolve({ ready: null }),
  async commit(ctx, node) {
    const name = textOf(node.spec, 'model') ?? node.pipeline
    const model = findModel(node, node.spec['from'])
    if (!model) return { passed: false, outputs: {}, sentence: 'No step before logged a model to register.' }
    const version = await createVersion(ctx, {
      name,
      source: `models:/${model.id}`,
      modelId: model.id,
      runId: model.run ?? '',
      makeModel: true,
      tags: [{ key: 'mainstay.run', value: node.run }],
    })
    for (const [step, outputs] of Object.entries(node.upstream)) {
      if (typeof outputs['verdict'] !== 'string') continue
      const passed = outputs['passed'] !== false && outputs['verdict'] === 'passed'
      await recordGate(ctx, {
        versionId: version.id,
        kind: step,
        passed,
        sentence: typeof outputs['sentence'] === 'string' ? outputs['sentence'] : outputs['verdict'],
        numbers: outputs,
      })
    }
    return {
      passed: true,
      outputs: { version: version.version, model: name, id: version.id },
      sentence: `Registered ${name} version ${version.version}.`,
    }
  },
}
