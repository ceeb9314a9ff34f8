import type { Command } from 'commander'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { environment, homeFolder } from '../env.ts'
import { Failure } from '../failure.ts'
import { verb, type JsonOption } from '../options.ts'
import { printJson, Progress } from '../output.ts'

interface Options extends JsonOption {
  home?: string
}

export function register(program: Command): void {
  verb(program, 'backup <folder>', 'Copies a home while it is in use; the same folder again takes what is new.')
    .option('--home <dir>', 'the home to copy (default: MAINSTAY_HOME or .mainstay)')
    .action(async (folder: string, options: Options) => {
      const home = resolve(homeFolder(options.home))
      const { at, objects } = await runHome('backup', folder, home)
      if (options.json) printJson({ home, folder: resolve(folder), at, objects })
      else console.log(`${home} as of ${at} is in ${folder}: database, ${objects} objects, spool`)
    })
  verb(program, 'restore <folder>', 'Makes a home of a backup, after checking all of it.')
    .requiredOption('--home <dir>', 'the new home; it is empty or does not exist')
    .action(async (folder: string, options: Options & { home: string }) => {
      const { at, objects } = await runHome('restore', folder, options.home)
      if (options.json) printJson({ home: resolve(options.home), folder: resolve(folder), at, objects })
      else console.log(`${options.home} is as of ${at}; start it with \`mainstay up --home ${options.home}\``)
    })
}

interface Done {
  at: string
  objects: number
  error?: { code?: string; message: string; next: string }
}

/** A program of the server's, as `up` starts one: it knows the files of a home, the command line does not. */
async function runHome(what: 'backup' | 'restore', folder: string, home: string): Promise<Done> {
  const isSource = import.meta.url.endsWith('.ts')
  const main = fileURLToPath(new URL(`../../server/home/home-main${isSource ? '.ts' : '.js'}`, import.meta.url))
  const loader = isSource ? ['--import', import.meta.resolve('tsx')] : []
  const child = spawn(process.execPath, [...loader, main, what, folder, `--home=${home}`], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const progress = new Progress()
  let said = ''
  createInterface({ input: child.stderr }).on('line', (line) => {
    said = line
    progress.show(line)
  })
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  progress.end()
  if (!text.startsWith('{')) throw new Failure(`the ${what} ended before it was done: ${said}`)
  const done = JSON.parse(text) as Done
  if (done.error === undefined) return done
  const { code, message, next } = done.error
  throw new Failure(message, { next, ...(code === undefined ? {} : { code }) })
}
