import { existsSync, readdirSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { request, type RequestOptions } from 'node:http'
import type { Server } from 'node:net'
import { join, resolve } from 'node:path'
import { fileURLToPath, urlToHttpOptions } from 'node:url'
import { MainstayError } from '../../contract/errors.ts'
import { isLoopback, readConfig, type Config } from '../config/config.ts'
import { lockFile } from '../platform/db/sqlite.ts'
import { niceness } from '../platform/priority.ts'
import { claimPort, reachable } from './addresses.ts'
import { Child } from './child.ts'
import { listenForRequests } from './control-socket.ts'
import { complaints, rotate, sizeOf } from './logs.ts'
import { planeMemory } from './memory.ts'
import { endProcess, isAlive, readRecord, removeRecord } from './process-record.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The same extension as this file: the compiled program starts compiled ones, the sources start sources. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
const loader = extension === '.ts' ? ['--import', 'tsx'] : []
const program = (path: string): string => fileURLToPath(new URL(`../${path}${extension}`, import.meta.url))

const replica = 'r1'
const rotateEveryMs = 60_000
/** Longest path that a Unix socket may have on every system. */
const longestSocketPath = 100

/** One running home: its lock, its control process, its data plane. No product code. */
export class Supervisor {
  readonly #env: Environment
  readonly #config: Config
  readonly #lock: { release(): void }
  readonly #say: (line: string) => void
  readonly #children: Child[] = []
  #socket: Server | undefined
  #rotation: NodeJS.Timeout | undefined
  #firstToken: string | undefined
  #down: Promise<void> | undefined

  private constructor(env: Environment, config: Config, lock: { release(): void }, say: (line: string) => void) {
    this.#env = env
    this.#config = config
    this.#lock = lock
    this.#say = say
  }

  /** Takes the home, or refuses because another supervisor has it. */
  static async open(env: Environment, say: (line: string) => void): Promise<Supervisor> {
    const config = readConfig(env)
    const home = resolve(config.home)
    if (join(home, 'run', 'supervisor.sock').length > longestSocketPath) {
      throw new MainstayError(
        'platform.invalid_config',
        `the home ${home} has a path too long for a Unix socket; choose one of at most 75 characters`,
      )
    }
    await mkdir(join(home, 'run'), { recursive: true })
    await mkdir(join(home, 'logs'), { recursive: true })
    const lock = await lockFile(join(home, 'run', 'lock.db'))
    if (!lock) throw new MainstayError('platform.home_in_use', `another Mainstay runs on ${home}`, { home })
    return new Supervisor(env, { ...config, home }, lock, say)
  }

  /** Starts (or adopts) everything and prints the addresses when all of it answers. */
  async start(): Promise<void> {
    const { home, host } = this.#config
    const kept = await this.#keptPlanePort()
    const predictPort = kept ?? (await claimPort(host, this.#config.predictPort))
    const control = await this.#control(await claimPort(host, this.#config.port), predictPort)
    const plane = await this.#plane(predictPort)
    this.#children.push(control.child, plane)
    this.#socket = await listenForRequests(this.#run('supervisor.sock'), {
      status: () => this.#status(),
      down: () => this.#endAndExit(),
    })
    const logs = [this.#log('control'), this.#log(`plane-${replica}`)]
    await this.#rotate(logs)
    this.#rotation = setInterval(() => void this.#rotate(logs), rotateEveryMs)
    const sizes = await Promise.all(logs.map(sizeOf))
    try {
      await Promise.all(this.#children.map((child) => child.start()))
    } catch (error) {
      const said = (await Promise.all(logs.map((path, i) => complaints(path, sizes[i] ?? 0)))).flat()
      const what = error instanceof Error ? error.message : String(error)
      throw new Error([`${what}:`, ...said, `Its log is in ${join(home, 'logs')}.`].join('\n'), { cause: error })
    }
    const base = `http://${reachable(host)}:${control.port}`
    this.#say(`pages        ${base}`)
    this.#say(`predictions  http://${reachable(host)}:${predictPort}/v2`)
    this.#say(`MLflow       MLFLOW_TRACKING_URI=${base}`)
    if (this.#firstToken !== undefined) {
      this.#say(`token        ${this.#firstToken} (an admin's, the first of this home; shown this one time)`)
    }
    this.#say(`home         ${home}`)
  }

  /** Ends control, then the data plane, then whatever else of this home still runs. Twice is once. */
  down(): Promise<void> {
    this.#down ??= this.#end()
    return this.#down
  }

  /** A log that cannot be cut, as on a full disk, keeps nothing from its work. */
  async #rotate(logs: readonly string[]): Promise<void> {
    await Promise.all(logs.map((path) => rotate(path))).catch((error: Error) =>
      this.#say(`a log could not be cut: ${error.message}`),
    )
  }

  async #end(): Promise<void> {
    clearInterval(this.#rotation)
    for (const child of this.#children) await child.stop()
    await this.#endLeftovers()
    await rm(this.#run('supervisor.sock'), { force: true })
    this.#socket?.close()
    this.#lock.release()
  }

  async #endAndExit(): Promise<void> {
    await this.down()
    process.exit(0)
  }

  /** Steps and helpers write `run/<name>.json` too; a dead one only leaves its file. */
  async #endLeftovers(): Promise<void> {
    const names = readdirSync(this.#run('')).filter((name) => name.endsWith('.json'))
    await Promise.all(
      names.map(async (name) => {
        const record = await readRecord(this.#run(name))
        if (record) await endProcess(record)
        await removeRecord(this.#run(name))
      }),
    )
  }

  /** The port of a data plane that outlived its supervisor, if it is the one that is wanted now. */
  async #keptPlanePort(): Promise<number | undefined> {
    const record = await readRecord(this.#run(`plane-${replica}.json`))
    if (!record || !(await isAlive(record))) return undefined
    const isWanted = this.#config.predictPort === 0 || this.#config.predictPort === record.port
    if (isWanted && (await this.#planeAnswers())) return record.port
    await endProcess(record)
    return undefined
  }

  async #control(port: number, predictPort: number): Promise<{ child: Child; port: number }> {
    const { home, host } = this.#config
    const child = new Child({
      name: 'control',
      command: [...loader, program('main')],
      env: {
        ...this.#env,
        MAINSTAY_HOME: home,
        MAINSTAY_HOST: host,
        MAINSTAY_PORT: String(port),
        MAINSTAY_PREDICT_PORT: String(predictPort),
      },
      log: this.#log('control'),
      record: this.#run('control.json'),
      port,
      isTied: true,
      nice: niceness.control,
      isReady: (said) => Promise.resolve(this.#hearReady(said)),
      answers: () => answersAt(urlToHttpOptions(new URL(`http://${reachable(host)}:${port}/healthz`))),
      onHang: () => this.#say('control does not answer; ending it'),
      onRestart: (why, ms) => this.#say(`control ended (${why}); starting it again in ${ms / 1000} s`),
      onUnnoted: (why) => this.#say(`control’s process could not be noted: ${why}`),
    })
    return { child, port }
  }

  #hearReady(said: unknown): boolean {
    if (typeof said !== 'object' || said === null || !('ready' in said)) return false
    if ('firstToken' in said && typeof said.firstToken === 'string') this.#firstToken = said.firstToken
    return true
  }

  async #plane(port: number): Promise<Child> {
    const { home, host, allowedHosts, logLevel } = this.#config
    const allowed = allowedHosts.flatMap((name) => ['--allow-host', name])
    return new Child({
      name: 'the data plane',
      command: [
        ...planeMemory,
        ...loader,
        program('plane/main'),
        '--home',
        home,
        '--host',
        host,
        '--port',
        String(port),
        '--replica',
        replica,
        '--log-level',
        logLevel,
        ...allowed,
        ...(await this.#tokens()),
      ],
      env: this.#env,
      log: this.#log(`plane-${replica}`),
      record: this.#run(`plane-${replica}.json`),
      port,
      isTied: false,
      nice: 0,
      isReady: () => this.#planeAnswers(),
      answers: () => this.#planeAnswers(),
      onHang: () => this.#say('the data plane does not answer; ending it'),
      onRestart: (why, ms) => this.#say(`the data plane ended (${why}); starting it again in ${ms / 1000} s`),
      onUnnoted: (why) => this.#say(`the data plane’s process could not be noted: ${why}`),
    })
  }

  /** Beyond loopback the data plane demands a token; control writes the digests, and before it has nobody gets in. */
  async #tokens(): Promise<string[]> {
    if (isLoopback(this.#config.host)) return []
    const path = join(this.#config.home, 'plane-tokens.json')
    if (!existsSync(path)) await writeFile(path, '[]', { mode: 0o600 })
    return ['--tokens', path]
  }

  #planeAnswers(): Promise<boolean> {
    return answersAt({ socketPath: this.#run(`plane-${replica}.sock`), path: '/status' })
  }

  #status(): object {
    return { pid: process.pid, children: this.#children.map((child) => child.describe()) }
  }

  #run(name: string): string {
    return join(this.#config.home, 'run', name)
  }

  #log(name: string): string {
    return join(this.#config.home, 'logs', `${name}.log`)
  }
}

/** Whether a server answers with 200 within two seconds. */
function answersAt(where: RequestOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ ...where, timeout: 2_000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
    asked.end()
  })
}
