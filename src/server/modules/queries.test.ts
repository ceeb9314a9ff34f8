import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const modules = fileURLToPath(new URL('.', import.meta.url))
const read = (path: string): string =>
  existsSync(`${modules}${path}`) ? readFileSync(`${modules}${path}`, 'utf8') : ''

test('every file of queries is among those whose SQL is checked in', () => {
  const files = (readdirSync(modules, { recursive: true }) as string[]).filter(
    (path) => /^\w+\/queries(\/[\w-]+)?\.ts$/.test(path) && /export .*\(\s*db: Db/.test(read(path)),
  )
  const forgotten = files.filter((path) => {
    const [module, ...rest] = path.split('/')
    return !read(`${module}/queries.test.ts`).includes(`'./${rest.join('/')}'`)
  })
  expect(files.length).toBeGreaterThan(10)
  expect(forgotten).toEqual([])
})
