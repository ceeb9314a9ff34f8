import { useState } from 'react'
import { setMode, type Rule } from '../../../contract/automation.ts'
import { useWrite } from '../../lib/api.ts'
import { Confirm } from '../../ui/Drawer.tsx'
import { Segments } from '../../ui/Tabs.tsx'

type ModeOf = Rule['spec']['mode']

const modes: readonly { id: ModeOf; word: string }[] = [
  { id: 'observe', word: 'Observe' },
  { id: 'propose', word: 'Propose' },
  { id: 'auto', word: 'Auto' },
]

const consequence: Record<ModeOf, string> = {
  observe: 'It only writes down what it would have done.',
  propose: 'It asks; nothing is done before a person approves.',
  auto: 'It acts by itself from the next judged window on. What it makes still has to pass its gate and its rollout.',
}

const isMode = (id: string): id is ModeOf => id in consequence

export function ModeControl({ rule }: { rule: Rule }) {
  const [asked, setAsked] = useState<ModeOf>()
  const write = useWrite(setMode)
  const close = (): void => setAsked(undefined)
  return (
    <>
      <Segments
        label={`Mode of ${rule.name}`}
        choices={modes}
        chosen={rule.spec.mode}
        onChoose={(id) => {
          if (isMode(id) && (id !== rule.spec.mode || rule.effective_mode !== rule.spec.mode)) setAsked(id)
        }}
      />
      <Confirm
        title={`Set ${rule.name} to ${asked ?? ''}?`}
        verb={`Set to ${asked ?? ''}`}
        open={asked !== undefined}
        busy={write.isPending}
        problem={write.error ? `${write.error.message} ${write.error.next}` : undefined}
        onConfirm={() => {
          if (asked) write.mutate({ name: rule.name, mode: asked }, { onSuccess: close })
        }}
        onClose={close}
      >
        {rule.sentence} {asked ? consequence[asked] : ''}
      </Confirm>
    </>
  )
}
