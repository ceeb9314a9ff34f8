import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readLogPiece } from './log-file.ts'
import { limitLog } from './log-limit.ts'
import { cookieName, LocalProcess } from './local.ts'
import { isAlive, processesByVariable, statOf } from './procfs.ts'

let folder: string
let cookie: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mainstay-step-'))
  cookie = `pa_test_${folder.slice(-6)}`
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const start = (command: string, env: Record<string, string> = {}): LocalProcess =>
  LocalProcess.start({
    folder,
    cwd: folder,
    command,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', [cookieName]: cookie, ...env },
  })

const living = async (): Promise<number[]> => (await processesByVariable(cookieName)).get(cookie) ?? []
async function until(test: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i += 1) {
    if (await test()) return
    await sleep(10)
  }
  throw new Error('it did not come to pass')
}

/** Its name and weight among sessions; nothing where this machine's kernel has no such thing. */
function sessionOf(pid: number | 'self'): string {
  const file = `/proc/${pid}/autogroup`
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
}

test('a command ends with its own code and its output in the log', async () => {
  expect(await start('echo out; echo err >&2; exit 7').ended).toEqual({ code: 7 })
  expect(await readFile(join(folder, 'log'), 'utf8')).toBe('out\nerr\n')
})

test('commands of no length are not missed, and steps are nice', async () => {
  expect(await start('true').ended).toEqual({ code: 0 })
  await rm(join(folder, 'pid'))
  await rm(join(folder, 'exit'))
  expect(await start('nice').ended).toEqual({ code: 0 })
  expect((await readFile(join(folder, 'log'), 'utf8')).trim()).toBe('10')
})

test.skipIf(sessionOf('self') === '')('the session of a step gives way as a whole', async () => {
  const step = start('sleep 30')
  await until(() => sessionOf(step.pid).endsWith(' nice 10'))
  await step.kill(0)
})

test('nothing of our environment reaches the command', async () => {
  await start('env').ended
  const names = (await readFile(join(folder, 'log'), 'utf8')).split('\n').map((line) => line.split('=')[0])
  expect(
    names.filter((name) => name !== '' && !['PATH', 'PWD', 'OLDPWD', '_', cookieName].includes(name ?? '')),
  ).toEqual([])
})

test('a log that grows too long keeps its beginning and says in its last line that the rest was dropped', async () => {
  const path = join(folder, 'log')
  const stop = limitLog(path, 1_000)
  await start('echo begin; i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i + 1)); done').ended
  await stop()
  const text = await readFile(path, 'utf8')
  expect(text.slice(0, 12)).toBe('begin\nline 0')
  expect(text.slice(1_000)).toBe('\n… the log grew beyond 1000 bytes; the rest was dropped\n')
})

test('a cancelled command may end by itself', async () => {
  const process = start(`trap 'echo bye; exit 3' TERM; echo > trapped; while :; do sleep 0.05; done`)
  await until(() => existsSync(join(folder, 'trapped')))
  await process.kill(5_000)
  expect(await process.ended).toEqual({ code: 3 })
  expect(await living()).toEqual([])
})

test('children that ignore TERM, and those that leave the group, are killed', async () => {
  const process = start(`
    sh -c 'trap "" TERM; while :; do sleep 1; done' &
    setsid sh -c 'trap "" TERM; echo free > free; while :; do sleep 1; done' &
    (setsid sh -c 'sleep 100 & wait' &) 
    trap '' TERM
    while :; do sleep 1; done`)
  await until(() => existsSync(join(folder, 'free')))
  const before = await living()
  expect(before.length).toBeGreaterThanOrEqual(4)
  const started = performance.now()
  await process.kill(200)
  expect(performance.now() - started).toBeLessThan(3_000)
  expect(await living()).toEqual([])
  expect(before.filter((pid) => !['Z', undefined].includes(statOf(pid)?.state))).toEqual([])
})

test('children left behind in the group end with their command', async () => {
  await start('sleep 100 & echo started').ended
  await until(async () => (await living()).length === 0)
})

test('a step is adopted while it runs, after it ended, and after it was killed', async () => {
  const first = start('sleep 0.4; echo done')
  await until(() => existsSync(join(folder, 'pid')))
  const adopted = await LocalProcess.adopt(folder, cookie)
  if (!(adopted instanceof LocalProcess)) throw new Error('not adopted')
  expect(adopted.pid).toBe(first.pid)
  expect(adopted.ageMs()).toBeLessThan(5_000)
  expect(await adopted.ended).toEqual({ code: 0 })
  expect(await LocalProcess.adopt(folder, cookie)).toEqual({ code: 0 })
  await rm(join(folder, 'exit'))
  await until(() => !existsSync(`/proc/${first.pid}`))
  expect(await LocalProcess.adopt(folder, cookie)).toMatchObject({
    lost: expect.stringContaining('no exit code') as string,
  })
})

test('what never started is given up for good: a late shim does not run', async () => {
  expect(await LocalProcess.adopt(folder, cookie)).toBe('never_started')
  expect(await start('echo ran > ran').ended).toMatchObject({ lost: 'the shim ended with 97' })
  expect(existsSync(join(folder, 'ran'))).toBe(false)
})

test('another process that was given the pid is not taken for the step', async () => {
  const line = await readFile('/proc/self/stat', 'latin1')
  const fields = line.trim().split(' ')
  fields[21] = '1'
  await writeFile(join(folder, 'pid'), `${fields.join(' ')}\n`)
  expect(isAlive(process.pid, 1)).toBe(false)
  expect(await LocalProcess.adopt(folder, cookie)).toMatchObject({ lost: expect.any(String) as string })
})

test('a log is read by bytes without breaking characters', async () => {
  await writeFile(join(folder, 'log'), 'aé€😀z'.repeat(100))
  let text = ''
  let offset = 0
  for (;;) {
    const piece = await readLogPiece(join(folder, 'log'), offset, 7)
    if (piece.next === offset) break
    text += piece.text
    offset = piece.next
  }
  expect(text).toBe('aé€😀z'.repeat(100))
})

test('no process of these tests is left', () => {
  const { stdout } = spawnSync('sh', ['-c', 'ps -eo args | grep -c "[p]a_test_" || true'], { encoding: 'utf8' })
  expect(Number(stdout)).toBe(0)
})
