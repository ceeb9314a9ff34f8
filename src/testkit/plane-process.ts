import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PlaneStatus, SnapshotEndpoint, SnapshotVariant } from '../contract/plane.ts'
import type { Signature } from '../contract/signature.ts'
import type { SnapshotAnswer } from '../server/plane/plane.ts'
import { planeMemory } from '../server/supervisor/memory.ts'

const main = fileURLToPath(new URL('../server/plane/main.ts', import.meta.url))

/** n float columns x0… in one tensor X, one output column y. */
export function floatSignature(width: number, outputs = 1): Signature {
  const names = Array.from({ length: width }, (_, i) => `x${i}`)
  const results = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? 'y' : `y${i}`))
  return {
    inputs: names.map((name) => ({ name, kind: 'float', missing: true })),
    outputs: results.map((name) => ({ name, kind: 'float', missing: false })),
    onnx: {
      inputs: [{ name: 'X', dtype: 'FP32', columns: names }],
      outputs: [{ name: 'y', dtype: 'FP32', columns: results }],
    },
  }
}

/** Body of a one-tensor request. */
export const tensorBody = (rows: unknown[][], extra: object = {}): string =>
  JSON.stringify({
    ...extra,
    inputs: [{ name: 'X', datatype: 'FP32', shape: [rows.length, rows[0]?.length ?? 0], data: rows.flat() }],
  })

export interface Reply {
  status: number
  headers: Record<string, string>
  /** Tests look at one place of an answer and would notice its absence. */
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any
}

/** A real plane process on a home of its own. */
export class PlaneProcess {
  readonly home: string
  readonly extra: string[]
  /** A command that starts the plane's: `prlimit …`. */
  readonly prefix: string[] = []
  port = 0
  child: ChildProcess | undefined
  log = ''

  constructor(extra: string[] = [], home = mkdtempSync(join(tmpdir(), 'plane-'))) {
    this.home = home
    this.extra = extra
  }

  async start(): Promise<this> {
    const plane = [process.execPath, ...planeMemory, '--import', 'tsx', main]
    const [command = '', ...args] = [...this.prefix, ...plane, '--home', this.home, '--port', '0', ...this.extra]
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    })
    this.child = child
    this.log = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        this.log += chunk.toString()
        const ready = /"port":(\d+)[^\n]*plane ready/.exec(this.log)
        if (!ready) return
        this.port = Number(ready[1])
        resolve()
      })
      child.once('exit', () => reject(new Error(`the plane ended: ${this.log}`)))
    })
    return this
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { child } = this
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child?.exitCode ?? null)
    return new Promise((resolve) => {
      child.once('exit', (code) => resolve(code))
      child.kill(signal)
    })
  }

  /** Stores a model and answers the variant that serves it. */
  variant(version: number, model: Buffer, signature: Signature, extra: Partial<SnapshotVariant> = {}): SnapshotVariant {
    const digest = createHash('sha256').update(model).digest('hex')
    const folder = join(this.home, 'models')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, digest), model)
    return {
      name: `v${version}`,
      model: 'm',
      version,
      weight: 1,
      role: 'live',
      model_digest: digest,
      model_url: join(folder, digest),
      signature,
      reference_digest: null,
      reference_url: null,
      ...extra,
    }
  }

  endpoint(variants: SnapshotVariant[], extra: Partial<SnapshotEndpoint> = {}): SnapshotEndpoint {
    return {
      name: 'bikes',
      project: 'default',
      clock: 'arrival',
      capture: 'best_effort',
      allowed_lateness_ms: 1000,
      pair_below: 0,
      queue_rows: 2000,
      deadline_ms: 5000,
      salt: 's',
      variants,
      error_test: null,
      ...extra,
    }
  }

  control(method: string, path: string, body?: unknown): Promise<Reply> {
    return call(
      { socketPath: join(this.home, 'run', 'plane-r1.sock'), method, path },
      body === undefined ? undefined : JSON.stringify(body),
    )
  }

  async push(generation: number, ...endpoints: SnapshotEndpoint[]): Promise<SnapshotAnswer> {
    return (await this.control('PUT', '/snapshot', { generation, endpoints })).body as SnapshotAnswer
  }

  async status(): Promise<PlaneStatus> {
    return (await this.control('GET', '/status')).body as PlaneStatus
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return call({ port: this.port, host: '127.0.0.1', method: 'GET', path, headers })
  }

  post(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> {
    return call(
      {
        port: this.port,
        host: '127.0.0.1',
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', ...headers },
      },
      body,
    )
  }

  infer(rows: unknown[][], headers: Record<string, string> = {}, extra: object = {}): Promise<Reply> {
    return this.post('/v2/models/bikes/infer', tensorBody(rows, extra), headers)
  }
}

function call(options: object, body?: string | Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const req = request({ agent: false, ...options }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const isJson = (res.headers['content-type'] ?? '').startsWith('application/json')
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers as Record<string, string>,
          body: isJson ? JSON.parse(text) : text,
        })
      })
    })
    req.on('error', reject)
    req.end(body)
  })
}
