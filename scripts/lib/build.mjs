import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { step } from './console.mjs'
import { filesBelow, hashOf, inRoot, readStamp, root, writeStamp } from './files.mjs'
import { must, tool } from './run.mjs'
import { compressWeb } from './web-weight.mjs'

const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json']
const isTest = (path) => /\.test\.tsx?$/.test(path) || path.startsWith('src/testkit/')

/** Builds dist/ (server, CLI and web pages), each half only when what it is made from changed. */
export async function ensureBuild() {
  const sources = filesBelow('src').filter((path) => !isTest(path))
  const halves = [
    {
      name: 'program',
      made: 'dist/cli/main.js',
      from: sources.filter((path) => !path.startsWith('src/web/')),
      build: buildProgram,
    },
    {
      name: 'web',
      made: 'dist/web/index.html',
      from: sources.filter((path) => /^src\/(web|contract|stats)\//.test(path)),
      build: buildWeb,
    },
  ].filter((half) => half.name === 'program' || existsSync(inRoot('src/web/index.html')))

  const stale = halves
    .map((half) => ({
      ...half,
      stamp: inRoot(`dist/.stamp-${half.name}`),
      wanted: hashOf([...settings, ...half.from]),
    }))
    .filter((half) => readStamp(half.stamp) !== half.wanted || !existsSync(inRoot(half.made)))
  if (stale.length === 0) return

  await step(`building ${stale.map((half) => half.name).join(' and ')}`, () =>
    Promise.all(
      stale.map(async (half) => {
        await half.build(half.from)
        writeStamp(half.stamp, half.wanted)
      }),
    ),
  )
}

async function buildProgram(sources) {
  await must(
    process.execPath,
    [...tool('typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    {},
    'The program does not compile.',
  )
  removeLeftovers(new Set(sources.map((path) => path.replace(/^src/, 'dist').replace(/\.tsx?$/, '.js'))))
}

async function buildWeb() {
  const config = ['src/web/vite.config.ts', 'vite.config.ts'].find((path) => existsSync(inRoot(path)))
  await must(
    process.execPath,
    [
      ...tool('vite/bin/vite.js'),
      'build',
      inRoot('src/web'),
      ...(config ? ['--config', inRoot(config)] : []),
      '--outDir',
      inRoot('dist/web'),
      '--emptyOutDir',
      '--logLevel',
      'warn',
    ],
    {},
    'The web pages do not build.',
  )
  compressWeb(inRoot('dist/web'))
}

/** Removes compiled files whose source is gone, so that dist/ is what a fresh build would give. */
function removeLeftovers(expected) {
  for (const entry of readdirSync(inRoot('dist'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1)
    if (entry.isFile() && path.endsWith('.js') && !path.startsWith('dist/web/') && !expected.has(path))
      rmSync(inRoot(path))
  }
}
