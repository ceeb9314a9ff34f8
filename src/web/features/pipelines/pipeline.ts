import type { Output } from '../../../contract/endpoint.ts'
import type { getPipeline } from '../../../contract/pipelines.ts'

export type Pipeline = Output<typeof getPipeline>

export interface StepShape {
  name: string
  verb: string
  text: string
}

const verbs = ['run', 'check', 'register', 'deploy']

/** A check, a registration or a deployment in a few words. */
function wordsOf(verb: string, what: unknown): string {
  const of = (what ?? {}) as Record<string, unknown>
  const about = verb === 'check' ? of['metric'] : verb === 'deploy' ? of['endpoint'] : of['model']
  return typeof about === 'string' ? `${verb} ${verb === 'deploy' ? 'on ' : ''}${about}` : verb
}

/** The steps of a definition with what each does, in one line. */
export function stepsOf(definition: Record<string, unknown>): StepShape[] {
  const steps = (definition['steps'] ?? {}) as Record<string, Record<string, unknown>>
  return Object.entries(steps).map(([name, step]) => {
    const verb = verbs.find((one) => one in step) ?? 'run'
    const what = step[verb]
    return { name, verb, text: typeof what === 'string' ? what : wordsOf(verb, what) }
  })
}
