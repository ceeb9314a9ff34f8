import { count, size } from '../../lib/format.ts'
import { CodeBlock } from '../../ui/CodeBlock.tsx'
import { Section } from '../../ui/Page.tsx'
import { asYaml } from './as-yaml.ts'
import type { Pipeline } from './pipeline.ts'

const usual: Readonly<Record<string, string>> = {
  retry: '{"max":0,"backoff":"1s"}',
  timeout: '"1d"',
  grace: '"10s"',
  cache: 'true',
  needs: '[]',
  in: '{}',
  out: '{}',
}

/** `optional: false` and `kind: file` are what an input or output is when nobody says otherwise. */
const withoutUsual = (entries: unknown): unknown =>
  typeof entries !== 'object' || entries === null
    ? entries
    : Object.fromEntries(
        Object.entries(entries as Record<string, Record<string, unknown>>).map(([name, entry]) => [
          name,
          Object.fromEntries(
            Object.entries(entry).filter(
              ([key, value]) => !(key === 'optional' && value === false) && !(key === 'kind' && value === 'file'),
            ),
          ),
        ]),
      )

/** What was written, without what nobody wrote: fields that have their usual value are left out. */
function written(step: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(step)
      .filter(([key, value]) => JSON.stringify(value) !== usual[key])
      .map(([key, value]) => [key, key === 'in' || key === 'out' ? withoutUsual(value) : value]),
  )
}

/** One step as mainstay.yaml declares it, and the code that the pipeline carries. */
export function StepDefinition({ pipeline, step }: { pipeline: Pipeline; step: string }) {
  const steps = (pipeline.definition['steps'] ?? {}) as Record<string, Record<string, unknown>>
  const bytes = pipeline.code.reduce((sum, file) => sum + file.size, 0)
  return (
    <Section name={step} about={`as declared · code: ${count(pipeline.code.length)} files, ${size(bytes)}`}>
      <CodeBlock code={asYaml({ [step]: written(steps[step] ?? {}) })} />
    </Section>
  )
}
