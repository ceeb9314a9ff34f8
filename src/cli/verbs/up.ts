import type { Command } from 'commander'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { environment, pythonProgram } from '../env.ts'

interface Options {
  home?: string
  host?: string
  port?: string
  predictPort?: string
}

export function register(program: Command): void {
  program
    .command('up')
    .description('Starts Mainstay on a home folder and keeps it running until Ctrl-C or `mainstay down`.')
    .option('--home <dir>', 'folder that holds everything (default: MAINSTAY_HOME or .mainstay)')
    .option('--host <host>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <port>', 'port of the API, the pages and MLflow; 0 takes a free one (default: 7070)')
    .option('--predict-port <port>', 'port of the data plane; 0 takes a free one (default: 8000)')
    .action(up)
}

/** The supervisor is a process of its own: it knows the server, the command line knows the contract only. */
async function up(options: Options): Promise<void> {
  const isSource = import.meta.url.endsWith('.ts')
  const main = fileURLToPath(new URL(`../../server/supervisor/main${isSource ? '.ts' : '.js'}`, import.meta.url))
  const given = { home: options.home, host: options.host, port: options.port, 'predict-port': options.predictPort }
  const args = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
  const child = spawn(process.execPath, [...(isSource ? ['--import', 'tsx'] : []), main, ...args], {
    env: { ...environment, MAINSTAY_PYTHON: pythonProgram() },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  // Ctrl-C reaches the supervisor by itself; a signal to this process alone is passed on.
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGHUP', () => child.kill('SIGHUP'))
  process.on('SIGINT', () => child.kill('SIGINT'))
  process.exitCode = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(1))
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
