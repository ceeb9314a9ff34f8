import { useEffect, useState } from 'react'
import { fillPath, toQuery } from '../../../contract/endpoint.ts'
import { readLog, tailLog } from '../../../contract/pipelines.ts'
import { call } from '../../lib/api.ts'

/** Of a longer log only the end is fetched. */
const mostBytes = 4 * 1024 * 1024

export interface StepLogText {
  lines: readonly string[]
  /** Bytes at the beginning that were not fetched. */
  leftOut: number
  ended: boolean
  problem: string | undefined
}

interface Place {
  run: string
  node: string
  attempt: number
}

function follow(place: Place, offset: number, on: { text: (text: string) => void; end: () => void }): () => void {
  const { path, rest } = fillPath(tailLog.path, { ...place, offset })
  const source = new EventSource(path + toQuery(rest))
  source.addEventListener('log', (message: MessageEvent<string>) => {
    on.text((JSON.parse(message.data) as { text: string }).text)
  })
  source.addEventListener('end', () => {
    source.close()
    on.end()
  })
  return () => source.close()
}

const empty: StepLogText = { lines: [], leftOut: 0, ended: false, problem: undefined }

/** Adds a piece to the lines; the last line may be unfinished. */
function added(old: StepLogText, text: string): StepLogText {
  const lines = old.lines.length === 0 ? [''] : [...old.lines]
  const [first = '', ...rest] = text.split('\n')
  lines[lines.length - 1] += first
  lines.push(...rest)
  return { ...old, lines }
}

/** A step's log while it grows: server-sent events, resumed by the browser where they broke off. */
export function useStepLog({ run, node, attempt }: Place): StepLogText {
  const [log, setLog] = useState(empty)
  useEffect(() => {
    let stop: (() => void) | undefined
    let left = false
    const begin = async (): Promise<void> => {
      const { size } = await call(readLog, { run, node, attempt, limit: 1 })
      if (left) return
      const leftOut = Math.max(0, size - mostBytes)
      setLog({ ...empty, leftOut })
      stop = follow({ run, node, attempt }, leftOut, {
        text: (text) => setLog((old) => added(old, text)),
        end: () => setLog((old) => ({ ...old, ended: true })),
      })
    }
    begin().catch((error: unknown) => {
      if (!left) setLog({ ...empty, ended: true, problem: error instanceof Error ? error.message : String(error) })
    })
    return () => {
      left = true
      stop?.()
    }
  }, [run, node, attempt])
  return log
}
