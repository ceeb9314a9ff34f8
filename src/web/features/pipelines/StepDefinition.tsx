import { count, size } from '../../lib/format.ts'
import { CodeBlock } from '../../ui/CodeBlock.tsx'
import { JsonTree } from '../../ui/JsonTree.tsx'
import { Section } from '../../ui/Page.tsx'
import type { Pipeline } from './PipelinePage.tsx'

const usual: Readonly<Record<string, string>> = {
  retry: '{"max":0,"backoff":"1s"}',
  timeout: '"1d"',
  grace: '"10s"',
  cache: 'true',
  needs: '[]',
  in: '{}',
  out: '{}',
}

/** What was written, without what nobody wrote: fields that have their usual value are left out. */
function written(step: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(step).filter(([key, value]) => JSON.stringify(value) !== usual[key]))
}

/** One step as mainstay.yaml declares it, and the code that the pipeline carries. */
export function StepDefinition({ pipeline, step }: { pipeline: Pipeline; step: string }) {
  const steps = (pipeline.definition['steps'] ?? {}) as Record<string, Record<string, unknown>>
  const { run, ...rest } = written(steps[step] ?? {})
  const bytes = pipeline.code.reduce((sum, file) => sum + file.size, 0)
  return (
    <Section name={step} about={`as declared · code: ${count(pipeline.code.length)} files, ${size(bytes)}`}>
      {typeof run === 'string' ? <CodeBlock code={run.trimEnd()} /> : null}
      {Object.keys(rest).length > 0 ? <JsonTree value={rest} /> : null}
    </Section>
  )
}
