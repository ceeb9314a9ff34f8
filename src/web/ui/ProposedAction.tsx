import { approveAction, rejectAction } from '../../contract/automation.ts'
import { actionTitle, type ActionShown } from '../lib/action-words.ts'
import { useWrite } from '../lib/api.ts'
import { asNumbers } from '../lib/verdict-words.ts'
import { Act } from './Act.tsx'
import { Button } from './Button.tsx'
import { Proposal } from './Verdict.tsx'

const willDo: Record<ActionShown['kind'], string> = {
  retrain: 'Starts the pipeline now. What it makes must pass its gate and then its own rollout; nothing moves before.',
  rollback: 'Takes the endpoint back to the last version that was healthy, from the next request on.',
  notify: 'Sends the notice; nothing else changes.',
}

/** An action that waits for a person, with what it will do. */
export function ProposedAction({ action }: { action: ActionShown }) {
  const approve = useWrite(approveAction)
  const reject = useWrite(rejectAction)
  return (
    <Proposal
      title={actionTitle(action)}
      actions={
        <>
          <Act
            title="Reject this?"
            verb="Reject"
            reason="Reason"
            what={`${action.sentence} It will not be done; the rule may propose again after its cooldown.`}
            onAct={(reason) => reject.mutateAsync({ id: action.id, reason })}
          >
            {(ask) => <Button onClick={ask}>Reject</Button>}
          </Act>
          <Act
            title="Approve this?"
            verb="Approve"
            what={
              <>
                {action.sentence} {willDo[action.kind]}
              </>
            }
            onAct={() => approve.mutateAsync({ id: action.id })}
          >
            {(ask) => (
              <Button weight="primary" onClick={ask}>
                Approve
              </Button>
            )}
          </Act>
        </>
      }
    >
      <span title={asNumbers(action.numbers)}>{action.sentence}</span> {willDo[action.kind]}
    </Proposal>
  )
}
