import type { Command } from 'commander'
import { listAudit, verifyAudit } from '../../contract/audit.ts'
import { createToken, listTokens, revokeToken, RoleName } from '../../contract/identity.ts'
import { call } from '../call.ts'
import { Failure, usage } from '../failure.ts'
import { verb, type JsonOption } from '../options.ts'
import { printJson, printList, when } from '../output.ts'

export function register(program: Command): void {
  const audit = program.command('audit').description('Who did what.')
  verb(audit, 'list', 'Shows the newest records.')
    .option('--subject <id>', 'only of this subject')
    .option('--search <words>', 'only records in which all these words stand')
    .option('--limit <n>', 'how many', '50')
    .action(list)
  verb(audit, 'verify', 'Recomputes the hash chain of the record.')
    .option('--kept <digest>', 'the newest digest of an earlier time, which must still be in the chain')
    .action(verify)

  const token = program.command('token').description('API tokens.')
  verb(token, 'create <name>', 'Makes a token; its secret is shown this one time.')
    .option('--role <role>', 'admin, editor or viewer', 'editor')
    .option('--days <n>', 'days until it expires (default: never)')
    .action(create)
  verb(token, 'list', 'Shows the tokens, without their secrets.').action(tokens)
  verb(token, 'revoke <id>', 'Revokes a token at once.').action(revoke)
}

async function list(options: JsonOption & { subject?: string; search?: string; limit: string }): Promise<void> {
  const { items } = await call(listAudit, {
    limit: options.limit,
    ...(options.subject === undefined ? {} : { subject: options.subject }),
    ...(options.search === undefined ? {} : { search: options.search }),
  })
  printList(
    items,
    [
      { head: '#', cell: (r) => r.id, align: 'right' },
      { head: 'when', cell: (r) => when(r.at) },
      { head: 'who', cell: (r) => r.actor },
      { head: 'did', cell: (r) => r.action },
      { head: 'to', cell: (r) => r.subject },
    ],
    { ...options, empty: 'nothing is on record yet' },
  )
}

async function verify(options: JsonOption & { kept?: string }): Promise<void> {
  const result = await call(verifyAudit, options.kept === undefined ? {} : { kept: options.kept })
  if (options.json) printJson(result)
  if (!result.intact && result.broken_at === null) {
    throw new Failure(`none of the ${result.records} records has the digest that was kept`, {
      next: 'Compare with a backup: records were taken off the end, or the chain was written anew.',
    })
  }
  if (!result.intact) {
    throw new Failure(`the chain breaks at record ${result.broken_at}; ${result.records} records before it are whole`, {
      next: 'Compare with a backup: a record was changed or removed after it was written.',
    })
  }
  if (!options.json) console.log(`${result.records} records, the chain is whole; the newest digest is ${result.newest}`)
}

async function create(name: string, options: JsonOption & { role: string; days?: string }): Promise<void> {
  const role = RoleName.safeParse(options.role)
  if (!role.success) throw usage(`--role is admin, editor or viewer, not “${options.role}”`)
  const made = await call(createToken, {
    name,
    role: role.data,
    ...(options.days === undefined ? {} : { days: Number(options.days) }),
  })
  if (options.json) return printJson(made)
  console.log(made.secret)
  console.error(
    `This is the only time the secret is shown. Use it as MAINSTAY_TOKEN, or as the password of MLflow (MLFLOW_TRACKING_PASSWORD).`,
  )
}

async function tokens(options: JsonOption): Promise<void> {
  const { items } = await call(listTokens, {})
  printList(
    items,
    [
      { head: 'id', cell: (t) => t.id },
      { head: 'name', cell: (t) => t.name },
      { head: 'role', cell: (t) => t.role },
      { head: 'made', cell: (t) => when(t.created_at) },
      { head: 'expires', cell: (t) => (t.expires_at === null ? 'never' : when(t.expires_at)) },
    ],
    { ...options, empty: 'no tokens; `mainstay token create NAME` makes one' },
  )
}

async function revoke(id: string, options: JsonOption): Promise<void> {
  await call(revokeToken, { id })
  if (options.json) printJson({ id, revoked: true })
  else console.log(`${id} no longer works`)
}
