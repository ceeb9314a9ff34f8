import type { Command } from 'commander'
import * as api from '../../contract/automation.ts'
import { call } from '../call.ts'
import { usage } from '../failure.ts'
import { verb, type JsonOption } from '../options.ts'
import { printJson, printList, state, table, when } from '../output.ts'

export function register(program: Command): void {
  const automation = program.command('automation').description('What Mainstay does by itself.')
  verb(automation, 'list', 'Shows the rules and what they did last.').action(list)
  verb(automation, 'mode <rule> <mode>', 'Sets what a rule may do: observe, propose or auto.').action(mode)
  verb(automation, 'approve <action>', 'Lets a proposed action run.').action(async (id: string, options: JsonOption) =>
    said(await call(api.approveAction, { id }), options),
  )
  verb(automation, 'reject <action>', 'Declines a proposed action.')
    .requiredOption('--reason <text>', 'why; kept on record')
    .action(async (id: string, options: JsonOption & { reason: string }) =>
      said(await call(api.rejectAction, { id, reason: options.reason }), options),
    )
  for (const enabled of [true, false]) {
    verb(
      automation,
      enabled ? 'enable' : 'disable',
      enabled ? 'Lets the rules act again.' : 'The kill switch: no rule acts.',
    )
      .requiredOption('--reason <text>', 'why; kept on record')
      .action(async (options: JsonOption & { reason: string }) => {
        const result = await call(api.setEnabled, { enabled, reason: options.reason })
        if (options.json) printJson(result)
        else console.log(result.enabled ? 'the rules act again' : 'no rule acts until `mainstay automation enable`')
      })
  }
}

async function list(options: JsonOption): Promise<void> {
  const [rules, actions] = await Promise.all([call(api.listRules, {}), call(api.listActions, {})])
  if (options.json) return printJson({ ...rules, actions: actions.items })
  if (!rules.enabled) console.log('The kill switch is on: no rule acts. `mainstay automation enable` lets them.\n')
  printList(
    rules.items,
    [
      { head: 'rule', cell: (r) => r.name },
      {
        head: 'mode',
        cell: (r) => (r.effective_mode === r.spec.mode ? r.spec.mode : `${r.spec.mode}, now ${r.effective_mode}`),
      },
      { head: 'does', cell: (r) => r.sentence },
    ],
    { empty: 'no rules; declare them under automation: in mainstay.yaml and run `mainstay apply`' },
  )
  if (actions.items.length === 0) return
  console.log(
    `\n${table(actions.items.slice(0, 20), [
      { head: 'action', cell: (a) => a.id },
      { head: 'when', cell: (a) => when(a.event_time) },
      { head: 'endpoint', cell: (a) => a.endpoint },
      { head: 'state', cell: (a) => state(a.state) },
      { head: 'what', cell: (a) => a.outcome_sentence ?? a.sentence },
    ])}`,
  )
}

async function mode(name: string, text: string, options: JsonOption): Promise<void> {
  const wanted = api.Mode.safeParse(text)
  if (!wanted.success) throw usage(`a mode is observe, propose or auto, not “${text}”`)
  const rule = await call(api.setMode, { name, mode: wanted.data })
  if (options.json) printJson(rule)
  else console.log(`${rule.name}: ${rule.sentence}`)
}

function said(action: api.Action, options: JsonOption): void {
  if (options.json) printJson(action)
  else console.log(`${action.id} is ${action.state}: ${action.sentence}`)
}
