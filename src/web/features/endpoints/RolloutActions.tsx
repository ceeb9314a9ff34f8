import {
  pauseRollout,
  promoteRollout,
  resumeRollout,
  rollbackRollout,
  type Rollout,
} from '../../../contract/rollouts.ts'
import { useWrite } from '../../lib/api.ts'
import { percent } from '../../lib/format.ts'
import { Act } from '../../ui/Act.tsx'
import { Button } from '../../ui/Button.tsx'

/** What a person may do to a rollout that is under way; each says what will happen before it does. */
export function RolloutActions({ rollout }: { rollout: Rollout }) {
  const { id, endpoint, candidate, champion, weight } = rollout
  const promote = useWrite(promoteRollout)
  const rollback = useWrite(rollbackRollout)
  const pause = useWrite(pauseRollout)
  const resume = useWrite(resumeRollout)
  const before = champion === null ? 'the version before' : `version ${champion}`
  const isPaused = rollout.stage === 'paused'
  return (
    <>
      {isPaused ? (
        <Act
          title={`Let version ${candidate} go on?`}
          verb="Resume"
          reason="Reason"
          what={`It keeps ${percent(weight)} of ${endpoint} and is judged again with the next labels; it goes on or back by itself.`}
          onAct={(reason) => resume.mutateAsync({ id, reason })}
        >
          {(ask) => <Button onClick={ask}>Resume</Button>}
        </Act>
      ) : (
        <Act
          title={`Hold version ${candidate} at ${percent(weight)}?`}
          verb="Pause"
          reason="Reason"
          what={`It keeps ${percent(weight)} of ${endpoint} until it is resumed. It still rolls back by itself on failed requests, slower answers or proven harm.`}
          onAct={(reason) => pause.mutateAsync({ id, reason })}
        >
          {(ask) => <Button onClick={ask}>Pause</Button>}
        </Act>
      )}
      <Act
        title={`Roll back to ${before}?`}
        verb="Roll back"
        reason="Reason"
        what={`From the next request ${before} answers all of ${endpoint}, and version ${candidate} none. The rollout ends; its evidence is kept, and version ${candidate} can be deployed again.`}
        onAct={(reason) => rollback.mutateAsync({ id, reason })}
      >
        {(ask) => (
          <Button weight="undo" onClick={ask}>
            {`Roll back${champion === null ? '' : ` to v${champion}`}`}
          </Button>
        )}
      </Act>
      <Act
        title={`Promote version ${candidate} to all traffic?`}
        verb="Promote"
        reason="Reason"
        what={`Moves the other ${percent(1 - weight)} of ${endpoint} to version ${candidate} now, without the steps that are left and the evidence they ask for. ${champion === null ? '' : `Version ${champion} goes on as shadow and can be gone back to. `}This is recorded under your name.`}
        onAct={(reason) => promote.mutateAsync({ id, reason })}
      >
        {(ask) => (
          <Button weight="primary" onClick={ask}>
            Promote…
          </Button>
        )}
      </Act>
    </>
  )
}
