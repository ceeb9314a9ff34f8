import { useState } from 'react'
import { deleteAlias, setAlias, type RegisteredModel } from '../../../contract/registry.ts'
import { useWrite } from '../../lib/api.ts'
import { Confirm } from '../../ui/Drawer.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { TextButton } from '../../ui/Button.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import type { Deployment } from './version-words.ts'

interface SetAliasProps {
  model: RegisteredModel
  version: number
  deployed: readonly Deployment[] | undefined
  open: boolean
  onClose: () => void
}

const usual = ['champion', 'challenger']

/** Says where the alias points now, and what moves with it. */
export function SetAlias({ model, version, deployed, open, onClose }: SetAliasProps) {
  const [alias, setName] = useState('champion')
  const write = useWrite(setAlias)
  const remove = useWrite(deleteAlias)
  const previous = model.aliases.find((one) => one.alias === alias)?.version
  const names = [...new Set([...usual, ...model.aliases.map((one) => one.alias)])]
  const error = write.error ?? remove.error
  return (
    <Confirm
      title={`Point an alias at version ${version} of ${model.name}?`}
      verb={previous === undefined ? 'Set' : 'Move'}
      open={open}
      busy={write.isPending || remove.isPending}
      onClose={onClose}
      onConfirm={() => {
        if (alias.trim() !== '')
          write.mutate({ name: model.name, alias: alias.trim(), version }, { onSuccess: onClose })
      }}
    >
      <TextField label="Alias" value={alias} onChange={setName} offered={names} />
      <p>
        {sentenceOf(alias, previous, version)}{' '}
        {deployed && deployed.length > 0
          ? 'No traffic moves: an endpoint keeps the version it was given until you deploy.'
          : ''}
      </p>
      {previous === undefined ? null : (
        <p>
          <TextButton onClick={() => remove.mutate({ name: model.name, alias }, { onSuccess: onClose })}>
            Remove {alias} from version {previous}
          </TextButton>
        </p>
      )}
      {error ? <Verdict state="crit">{`${error.message} ${error.next}`}</Verdict> : null}
    </Confirm>
  )
}

function sentenceOf(alias: string, previous: number | undefined, version: number): string {
  if (alias.trim() === '') return 'Name the alias.'
  if (previous === undefined) return `${alias} is new; it will point at version ${version}.`
  if (previous === version) return `${alias} points at version ${version} already.`
  return `${alias} points at version ${previous} now and will point at version ${version}; it can be moved back.`
}
