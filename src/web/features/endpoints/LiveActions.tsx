import { rollbackEndpoint, type Rollout } from '../../../contract/rollouts.ts'
import type { ServedEndpoint } from '../../../contract/serving.ts'
import { useWrite } from '../../lib/api.ts'
import { Act } from '../../ui/Act.tsx'
import { Button } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { answering } from './endpoint-words.ts'

/** While nothing is rolled out: the way back, if there is an earlier version, and the command for the next one. */
export function LiveActions({ endpoint, rollouts }: { endpoint: ServedEndpoint; rollouts: readonly Rollout[] }) {
  const write = useWrite(rollbackEndpoint)
  const { name } = endpoint
  const live = answering(endpoint)[0]
  const last = rollouts.find((rollout) => rollout.stage === 'promoted' && rollout.candidate === live?.version)
  return (
    <>
      <CopyButton
        word="Copy deploy command"
        text={`mainstay deploy ${live?.model ?? 'MODEL'}/VERSION --endpoint ${name} --wait`}
      />
      {last && last.champion !== null ? (
        <Act
          title={`Take ${name} back?`}
          verb="Roll back"
          reason="Reason"
          what={`From the next request all of ${name} goes to the last version that was healthy, most likely version ${last.champion}. Version ${last.candidate} stays registered; this is recorded under your name.`}
          onAct={(reason) => write.mutateAsync({ name, reason })}
        >
          {(ask) => (
            <Button weight="undo" onClick={ask}>
              {`Roll back to v${last.champion}`}
            </Button>
          )}
        </Act>
      ) : null}
    </>
  )
}
