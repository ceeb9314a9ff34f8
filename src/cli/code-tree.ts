import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from './failure.ts'
import { isIgnored, parseIgnore, type IgnoreFile } from './gitignore.ts'

export interface CodeFile {
  path: string
  digest: string
  size: number
  mode: number
}

/** Never code, whatever .gitignore says. */
const neverCode = new Set(['.git', '.mainstay', '__pycache__', 'node_modules', '.venv'])
const mostFiles = 20_000
const mostBytes = 50 * 1024 * 1024

/**
 * Every file of a folder that .gitignore does not name, with its digest; links are left out, and the project's own
 * file too: what it says is no code, and a new schedule in it must not run every step again.
 */
export async function readCodeTree(root: string, projectFile?: string): Promise<CodeFile[]> {
  const all: { path: string; size: number; mode: number }[] = []
  await walk(root, '', [], all)
  const found = all.filter(({ path }) => path !== projectFile)
  const total = found.reduce((sum, file) => sum + file.size, 0)
  if (total > mostBytes || found.length > mostFiles) throw tooLarge(root, total, found)
  const files: CodeFile[] = []
  for (const file of found) files.push({ ...file, digest: await readable(file.path, digestOf(join(root, file.path))) })
  return files
}

async function walk(
  root: string,
  folder: string,
  above: readonly IgnoreFile[],
  found: { path: string; size: number; mode: number }[],
): Promise<void> {
  const own = join(root, folder, '.gitignore')
  const rules = existsSync(own) ? [...above, parseIgnore(folder, await readFile(own, 'utf8'))] : above
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (neverCode.has(entry.name) || isIgnored(rules, path, entry.isDirectory())) continue
    if (entry.isDirectory()) await walk(root, path, rules, found)
    else if (entry.isFile()) {
      const { size, mode } = await readable(path, stat(join(root, path)))
      found.push({ path, size, mode: (mode & 0o111) === 0 ? 0o644 : 0o755 })
    }
  }
}

async function readable<T>(path: string, reading: Promise<T>): Promise<T> {
  return await reading.catch((error: NodeJS.ErrnoException) => {
    const reason = path.includes('\ufffd') ? 'its name is no UTF-8' : (error.code ?? error.message)
    throw new Failure(`${path} cannot be read (${reason})`, {
      next: 'Let this user read it, rename it, or name it in .gitignore.',
      cause: error,
    })
  })
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function tooLarge(root: string, total: number, found: readonly { path: string; size: number }[]): Failure {
  const largest = found.toSorted((a, b) => b.size - a.size).slice(0, 3)
  const named = largest.map(({ path, size }) => `${path} (${Math.ceil(size / 1_048_576)} MB)`).join(', ')
  return new Failure(
    `the code in ${root} is ${Math.ceil(total / 1_048_576)} MB in ${found.length} files; the largest: ${named}`,
    {
      next: 'Name data and environments in .gitignore; a project’s code is at most 50 MB.',
    },
  )
}
