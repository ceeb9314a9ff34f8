import type { Command } from 'commander'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { homeFolder } from '../env.ts'
import { askSupervisor, endProcess, livingProcesses } from '../processes.ts'

export function register(program: Command): void {
  program
    .command('down')
    .description('Ends everything that runs on a home folder, also what outlived its supervisor.')
    .option('--home <dir>', 'folder that holds everything (default: MAINSTAY_HOME or .mainstay)')
    .action(down)
}

async function down(options: { home?: string }): Promise<void> {
  const home = resolve(homeFolder(options.home))
  const answer = await askSupervisor(home, 'down')
  const left = livingProcesses(home)
  await Promise.all(left.map((noted) => endProcess(noted)))
  for (const { name } of left) rmSync(join(home, 'run', `${name}.json`), { force: true })
  if (answer === undefined && left.length === 0) console.log(`nothing runs on ${home}`)
  else console.log(`ended ${answer === undefined ? left.map(({ name }) => name).join(', ') : 'everything'} on ${home}`)
}
