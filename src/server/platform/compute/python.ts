import { createHash } from 'node:crypto'
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { environment } from '../../config/env.ts'
import { cookieName, LocalProcess } from './local.ts'

/** A Python that steps can run with: the folder that goes first on their PATH, and what tells it from others. */
export interface Python {
  bin: string
  /** Digest of the interpreter and its installed packages: part of the cache key. */
  identity: string
}

const sha = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What of this server's environment a step may see: where programs, the home and the language are. */
export function baseEnvironment(bin: string): Record<string, string> {
  return {
    PATH: `${bin}${delimiter}${environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'}`,
    HOME: environment['HOME'] ?? '/',
    LANG: environment['LANG'] ?? 'C.UTF-8',
    PYTHONUNBUFFERED: '1',
  }
}

function findProgram(name: string): string | undefined {
  if (name.includes('/')) return isAbsolute(name) ? name : resolve(name)
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Names of installed distributions beside an interpreter; a package that comes or changes is another environment. */
class Packages {
  /** By folder, with the time at which it changed last: pip renames and makes folders in it. */
  readonly #read = new Map<string, { changed: number; names: string[] }>()

  of(python: string): string[] {
    const lib = join(dirname(dirname(python)), 'lib')
    if (!existsSync(lib)) return []
    return readdirSync(lib)
      .filter((name) => name.startsWith('python3'))
      .map((name) => join(lib, name, 'site-packages'))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => this.#in(folder))
      .toSorted()
  }

  #in(folder: string): string[] {
    const changed = statSync(folder).mtimeMs
    const known = this.#read.get(folder)
    if (known?.changed === changed) return known.names
    const names = readdirSync(folder).filter((name) => name.endsWith('.dist-info'))
    this.#read.set(folder, { changed, names })
    return names
  }
}

export class PythonEnvironments {
  readonly #home: string
  readonly #python: string
  readonly #packages = new Packages()
  #bin: Promise<string> | undefined
  readonly #builds = new Map<string, Build>()

  constructor(home: string, python: string) {
    this.#home = resolve(home)
    this.#python = python
  }

  /** The Python of the setting MAINSTAY_PYTHON, with the packages that it has now. */
  async current(): Promise<Python> {
    const found = findProgram(this.#python)
    if (found === undefined) return { bin: join(this.#home, 'envs', 'none'), identity: 'none' }
    const real = realpathSync(found)
    const { mtimeMs, size } = statSync(real)
    const identity = sha(JSON.stringify([real, mtimeMs, size, this.#packages.of(found)]))
    this.#bin ??= this.#folderWithPython(found)
    return { bin: await this.#bin, identity }
  }

  /** Commands say `python`; where only `python3` exists, a folder with that name calls it. */
  async #folderWithPython(found: string): Promise<string> {
    if (existsSync(join(dirname(found), 'python'))) return dirname(found)
    const folder = join(this.#home, 'envs', `bin-${sha(found).slice(0, 12)}`)
    await mkdir(folder, { recursive: true })
    for (const name of ['python', 'python3']) {
      await writeFile(join(folder, name), `#!/bin/sh\nexec '${found.replaceAll("'", `'\\''`)}' "$@"\n`)
      await chmod(join(folder, name), 0o755)
    }
    return folder
  }

  /**
   * A virtual environment with the given requirements, built once; what pip says goes to the log. Undefined when a
   * signal came first: `stop` ends a build that nobody else waits for, after `leave` it goes on for the next server.
   */
  async fromRequirements(
    requirements: Uint8Array,
    log: string,
    { stop, leave }: { stop: AbortSignal; leave: AbortSignal },
  ): Promise<Python | undefined> {
    const { identity: base } = await this.current()
    const identity = sha(`${base}\n${Buffer.from(requirements).toString('utf8')}`)
    const folder = join(this.#home, 'envs', identity)
    const build = this.#builds.get(identity) ?? this.#begin(identity, folder, requirements, log)
    build.waiting += 1
    const isBuilt = await Promise.race([build.ended.then(() => true), untilAborted([stop, leave])]).finally(
      () => (build.waiting -= 1),
    )
    if (isBuilt) return { bin: join(folder, 'venv', 'bin'), identity }
    if (stop.aborted && build.waiting === 0) {
      this.#builds.delete(identity)
      build.isGivenUp = true
      await build.process?.kill(0)
    }
    return undefined
  }

  #begin(identity: string, folder: string, requirements: Uint8Array, log: string): Build {
    const build: Build = { waiting: 0, isGivenUp: false, process: undefined, ended: Promise.resolve() }
    this.#builds.set(identity, build)
    const forget = (): void => {
      if (this.#builds.get(identity) === build) this.#builds.delete(identity)
    }
    build.ended = this.#build(build, folder, requirements, log)
    build.ended.then(forget, forget)
    return build
  }

  /** The builder survives us like a step does: one that another server began is waited for. */
  async #build(build: Build, folder: string, requirements: Uint8Array, log: string): Promise<void> {
    const done = join(folder, 'built')
    if (existsSync(done)) return
    const cookie = `env_${folder.slice(-12)}`
    const found = await LocalProcess.adopt(folder, cookie)
    if (found instanceof LocalProcess) build.process = found
    const exit = found instanceof LocalProcess ? await found.ended : found
    if (!(typeof exit === 'object' && 'code' in exit && exit.code === 0)) {
      if (build.isGivenUp) throw new Error('the Python environment is not wanted any more')
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'requirements.txt'), requirements)
      await this.#run(build, folder, cookie, log)
    }
    await writeFile(done, '')
  }

  async #run(build: Build, folder: string, cookie: string, log: string): Promise<void> {
    const { bin } = await this.current()
    build.process = LocalProcess.start({
      folder,
      cwd: folder,
      command: 'python -m venv venv && exec venv/bin/python -m pip install --no-input -r requirements.txt',
      env: { ...baseEnvironment(bin), PIP_DISABLE_PIP_VERSION_CHECK: '1', [cookieName]: cookie },
      log,
    })
    const exit = await build.process.ended
    if ('lost' in exit) throw new Error(`the build of the Python environment was interrupted: ${exit.lost}`)
    if (exit.code === 0) return
    const said = await readFile(log, 'utf8')
    throw new BuildError(
      `the Python environment could not be built (pip ended with ${exit.code}): ${said.trim().split('\n').at(-1) ?? ''}`,
    )
  }
}

/** One environment in the making, and how many attempts wait for it. */
interface Build {
  waiting: number
  isGivenUp: boolean
  process: LocalProcess | undefined
  ended: Promise<void>
}

function untilAborted(signals: AbortSignal[]): Promise<false> {
  const any = AbortSignal.any(signals)
  return new Promise((resolve) => {
    if (any.aborted) resolve(false)
    else any.addEventListener('abort', () => resolve(false), { once: true })
  })
}

/** The requirements cannot be had: the step's own fault, and no reason to try again by itself. */
export class BuildError extends Error {}
