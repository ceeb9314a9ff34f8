import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { startRun, type PipelineRun } from '../../../contract/pipelines.ts'
import { useWrite } from '../../lib/api.ts'
import { Confirm } from '../../ui/Drawer.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import type { Pipeline } from './pipeline.ts'

type Params = PipelineRun['params']
type Value = Params[string]

const textOf = (value: Value): string => (value === null ? '' : String(value))

/** A parameter keeps the kind that it was declared with. */
function typed(text: string, declared: Value): Value {
  if (typeof declared === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text)
  if (typeof declared === 'boolean') return text === 'true'
  return declared === null && text === '' ? null : text
}

interface StartRunProps {
  pipeline: Pick<Pipeline, 'name' | 'definition'>
  /** Instead of the declared ones: those of an earlier run. */
  params?: Params
  open: boolean
  onClose: () => void
}

/** Asks for the parameters and says what will happen; unchanged steps come from the cache. */
export function StartRun({ pipeline, params, open, onClose }: StartRunProps) {
  const declared = { ...((pipeline.definition['params'] ?? {}) as Params), ...params }
  const [texts, setTexts] = useState(() =>
    Object.fromEntries(Object.entries(declared).map(([key, value]) => [key, textOf(value)])),
  )
  const write = useWrite(startRun)
  const navigate = useNavigate()
  const asked = Object.fromEntries(
    Object.entries(declared).map(([key, value]) => [key, typed(texts[key] ?? '', value)]),
  )
  return (
    <Confirm
      title={`Run ${pipeline.name}?`}
      verb="Run"
      open={open}
      busy={write.isPending}
      onClose={onClose}
      onConfirm={() =>
        write.mutate(
          { name: pipeline.name, params: asked },
          {
            onSuccess: (run) => {
              onClose()
              void navigate({ to: '/pipelines/runs/$run', params: { run: run.id } })
            },
          },
        )
      }
    >
      <p style={{ marginBottom: 12 }}>
        Starts the stored version of the pipeline now. Steps whose code, inputs and parameters are as before come from
        the cache.
      </p>
      {Object.entries(declared).map(([key, value]) => (
        <TextField
          key={key}
          label={key}
          value={texts[key] ?? ''}
          onChange={(text) => setTexts({ ...texts, [key]: text })}
          {...(typeof value === 'number'
            ? { note: 'a number' }
            : typeof value === 'boolean'
              ? { note: 'true or false' }
              : {})}
        />
      ))}
      {write.error ? <Verdict state="crit">{`${write.error.message} ${write.error.next}`}</Verdict> : null}
    </Confirm>
  )
}
