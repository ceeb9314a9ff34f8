import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { readSegment } from '../platform/spool/read.ts'
import { linearModel } from '../../testkit/onnx-models.ts'
import { PlaneProcess, floatSignature } from '../../testkit/plane-process.ts'

const planes: PlaneProcess[] = []
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.stop('SIGKILL')))
})

async function aPlane(): Promise<PlaneProcess> {
  const plane = new PlaneProcess()
  planes.push(plane)
  return plane.start()
}

const serve = (plane: PlaneProcess, generation: number, capture: 'required' | 'best_effort') =>
  plane.push(generation, plane.endpoint([plane.variant(1, linearModel([1, 2], 0), floatSignature(2))], { capture }))

/** Of util-linux; where CI lacks it, that is a failure. */
const hasPrlimit = process.env['CI'] === 'true' || spawnSync('prlimit', ['--version']).status === 0

/** A file of this process may grow no further, as on a disk that has no more room. */
function limitFiles(plane: PlaneProcess, bytes: number | 'unlimited'): void {
  const done = spawnSync('prlimit', [`--fsize=${bytes}:`, `--pid=${plane.child?.pid}`], { encoding: 'utf8' })
  expect(done.stderr).toBe('')
}

const loggedIds = (plane: PlaneProcess): string[] => {
  const folder = join(plane.home, 'spool', 'r1')
  const names = readdirSync(folder).filter((name) => name.endsWith('.rows'))
  return names.flatMap((name) => [...readSegment(join(folder, name))].map((row) => row.id))
}

test.skipIf(!hasPrlimit)(
  'on a full disk an endpoint that requires its log says 503, another serves on and counts',
  async () => {
    const plane = await aPlane()
    await serve(plane, 1, 'required')
    const acknowledged: string[] = []
    const ask = async (id: string): Promise<number> => {
      const { status } = await plane.infer([[1, 2]], { 'mainstay-prediction-id': id })
      if (status === 200) acknowledged.push(id)
      return status
    }
    expect(await ask('first')).toBe(200)
    limitFiles(plane, 2000)
    let made = 0
    while ((await ask(`a${made}`)) === 200) made++
    expect(made).toBeGreaterThan(0)
    expect((await plane.infer([[1, 2]])).body.code).toBe('serving.capture_required')
    expect((await plane.status()).spool.state).toBe('failing')

    await serve(plane, 2, 'best_effort')
    expect((await plane.infer([[1, 2]])).status).toBe(200)
    expect((await plane.status()).notCaptured).toBeGreaterThan(0)

    limitFiles(plane, 'unlimited')
    expect(await ask('last')).toBe(200)
    expect((await plane.status()).spool.state).toBe('ok')
    expect(loggedIds(plane)).toEqual(acknowledged)
  },
)

test.skipIf(!hasPrlimit)(
  'a plane that was killed starts on a full disk, serves, and seals what was left once there is room',
  async () => {
    const plane = await aPlane()
    await serve(plane, 1, 'best_effort')
    await plane.infer([[1, 2]], { 'mainstay-prediction-id': 'before' })
    await plane.stop('SIGKILL')

    plane.prefix.push('prlimit', '--fsize=0:')
    await plane.start()
    expect((await plane.infer([[1, 2]])).status).toBe(200)
    const sealed = (): string[] => readdirSync(join(plane.home, 'spool', 'r1')).filter((name) => name.endsWith('.json'))
    expect(sealed()).toEqual([])

    limitFiles(plane, 'unlimited')
    for (let i = 0; i < 100 && sealed().length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 100))
    expect(sealed()).toEqual(['0000000001.json'])
    expect(loggedIds(plane)).toContain('before')
  },
)
