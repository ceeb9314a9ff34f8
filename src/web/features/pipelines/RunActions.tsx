import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { cancelRun, getPipeline, retryRun, type PipelineNode, type PipelineRun } from '../../../contract/pipelines.ts'
import { read, useWrite } from '../../lib/api.ts'
import { Button } from '../../ui/Button.tsx'
import { Confirm } from '../../ui/Drawer.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import { isOver } from './run-words.ts'
import { StartRun } from './StartRun.tsx'

type Asked = 'again' | 'cancel' | 'retry' | undefined

/** Run again, and cancel while it runs or retry what failed. */
export function RunActions({ run }: { run: PipelineRun & { nodes: readonly PipelineNode[] } }) {
  const [asked, setAsked] = useState<Asked>()
  const { data: pipeline } = useQuery(read(getPipeline, { name: run.pipeline }))
  const cancel = useWrite(cancelRun)
  const retry = useWrite(retryRun)
  const close = (): void => setAsked(undefined)
  const running = run.nodes.filter(({ state }) => state === 'running').map(({ name }) => name)
  const again = run.nodes
    .filter(({ state }) => ['failed', 'cancelled', 'skipped'].includes(state))
    .map(({ name }) => name)
  const canRetry = run.state === 'failed' || run.state === 'cancelled'
  return (
    <>
      <Button onClick={() => setAsked('again')} refused={pipeline ? undefined : 'The pipeline is no longer there.'}>
        Run again…
      </Button>
      {canRetry ? (
        <Button weight="primary" onClick={() => setAsked('retry')}>
          Retry…
        </Button>
      ) : null}
      {isOver(run) ? null : (
        <Button weight="undo" onClick={() => setAsked('cancel')}>
          Cancel
        </Button>
      )}
      {pipeline ? (
        <StartRun
          key={String(asked)}
          pipeline={pipeline}
          params={run.params}
          open={asked === 'again'}
          onClose={close}
        />
      ) : null}
      <Confirm
        title="Cancel this run?"
        verb="Cancel the run"
        open={asked === 'cancel'}
        busy={cancel.isPending}
        onClose={close}
        onConfirm={() => cancel.mutate({ run: run.id }, { onSuccess: close })}
      >
        <p>
          {running.length > 0
            ? `${running.join(' and ')} gets SIGTERM and, after its grace time, is killed. `
            : 'No step runs at the moment. '}
          Steps that have succeeded keep their outputs; retry goes on from there.
        </p>
        {cancel.error ? <Verdict state="crit">{`${cancel.error.message} ${cancel.error.next}`}</Verdict> : null}
      </Confirm>
      <Confirm
        title="Retry what did not succeed?"
        verb="Retry"
        open={asked === 'retry'}
        busy={retry.isPending}
        onClose={close}
        onConfirm={() => retry.mutate({ run: run.id }, { onSuccess: close })}
      >
        <p>
          Runs {again.join(', ')} once more, in the same version and with the same parameters. What succeeded stays.
        </p>
        {retry.error ? <Verdict state="crit">{`${retry.error.message} ${retry.error.next}`}</Verdict> : null}
      </Confirm>
    </>
  )
}
