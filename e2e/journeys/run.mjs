// The pages in a browser on a live Mainstay with real data: what a person sees, and what a person does there.
//   node e2e/journeys/run.mjs [--to 2011-05-20] [--shots FOLDER]
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bikesFile, bikesReplay, copyExample, date, endpoint, replayTable } from '../lib/bikes.mjs'
import { openMainstay, until } from '../lib/mainstay.mjs'
import { createReport } from '../lib/report.mjs'
import { brokenRules } from './axe.mjs'
import { openBrowser, sizes } from './browser.mjs'
import { searchRecord, seeTraffic, staysInPlace, tryByHand } from './endpoint.mjs'
import { compareRuns, followRun } from './experiments.mjs'
import { must } from './must.mjs'
import { goAstray, signInAndOut, useKeys } from './shell.mjs'

const valueOf = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined)
const to = valueOf('--to') ?? '2011-05-20'
const shots = valueOf('--shots')
const rule = 'retrain-on-lost-performance'

const rooms = [
  '/',
  '/experiments',
  '/datasets',
  '/features',
  '/models',
  '/pipelines',
  '/endpoints',
  '/monitoring',
  '/incidents',
  '/llm',
  '/automation',
  '/governance',
  '/cost',
  '/settings',
]

// The threads of a training on a busy machine mostly wait for each other.
process.env.OMP_NUM_THREADS ??= '1'

const report = createReport('journeys')
/** Two minutes of a quiet machine, with room for a busy one; whatever hangs, it ends. */
const limit = setTimeout(() => {
  report.broke(new Error('the journeys took longer than 5 minutes'))
  process.exit(report.end())
}, 300_000)

const mainstay = await openMainstay('journeys')
let browser
try {
  await mainstay.up()
  browser = await openBrowser(mainstay.url)
  await journey('each room opens empty', () => openAll(rooms, false))
  await trained()
  await journey('two runs are compared', () => compareRuns(here()))
  await journey('a run is followed while it runs', () => followRun(here()))
  await replay()
  await journey('the Overview says how the model is', seeOverview)
  await journey('the Monitor shows the limit, the marks and the windows', seeMonitor)
  await journey('the Incident tells the story in order', seeIncident)
  await journey('the Endpoint shows rows and latency of each version', () => seeTraffic(here()))
  await journey('a pipeline run opens on the step that took longest', seePipelineRun)
  await journey('a prediction is tried by hand', () => tryByHand(here()))
  await journey('a page follows what happens and stays in its place', () => staysInPlace(here()))
  await journey('everything is reached by keys', () => useKeys(here()))
  await journey('a wrong address says so', () => goAstray(here()))
  await journey('a version is rolled back by hand', rollBack)
  await journey('what was done is found in the record', () => searchRecord(here()))
  await journey('beyond loopback a person signs in and out', signInAndOut)
  await journey('each page opens full', async () => openAll(await fullPages(), true))
} catch (error) {
  report.broke(error)
} finally {
  await browser?.close()
  await mainstay.remove()
}
clearTimeout(limit)
process.exit(report.end())

/** Runs one journey; it fails by what it throws or by any error of the browser on the way. */
async function journey(sentence, walk) {
  const began = performance.now()
  const seconds = () => `${((performance.now() - began) / 1_000).toFixed(1)} s`
  try {
    await walk()
    const problems = browser.problems()
    report.check(sentence, problems.length === 0, [seconds(), ...problems.slice(0, 5)].join('; '))
  } catch (error) {
    const said = error instanceof Error ? error.message.split('\n')[0] : String(error)
    report.check(
      sentence,
      false,
      [seconds(), `at ${browser.page.url()}`, said, ...browser.problems().slice(0, 3)].join('; '),
    )
  }
}

function here() {
  return { browser, mainstay, endpoint }
}

/**
 * The example with its rule in mode propose, applied, its pipeline run, its first version live. What passes its gate
 * is registered as it is: the second training, on the gate's week too, would cost time and show nothing here.
 */
async function trained() {
  const file = copyExample(join(mainstay.home, 'bikes'), (document) => {
    const steps = ['pipelines', endpoint, 'steps']
    document.setIn(['automation', rule, 'mode'], 'propose')
    document.deleteIn([...steps, 'refit'])
    document.setIn([...steps, 'register', 'register', 'from'], '${{ train.model }}')
    document.setIn([...steps, 'register', 'needs'], ['gate'])
  })
  await mainstay.cli('apply', '-f', file)
  await mainstay.cli('run', endpoint)
}

/** Seven weeks of the year; the proposal is approved on its page on the day that it is made. */
async function replay() {
  let isApproved = false
  await replayTable({
    ...bikesReplay,
    url: mainstay.url,
    file: bikesFile(),
    from: date('2011-04-01'),
    to: date(to),
    async onBoundary() {
      if (isApproved) return
      const { items } = await mainstay.get('/actions')
      if (!items.some(({ state }) => state === 'proposed')) return
      isApproved = true
      await journey('a proposed action is approved', approve)
    },
  })
  must(isApproved, 'the rule proposed nothing')
}

async function approve() {
  const { page } = browser
  await browser.open('/')
  must(/approval/.test(await browser.text()), 'the Overview does not say that something waits')
  await browser.open('/automation')
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Approve' }).waitFor({ state: 'hidden' })
  const run = await until('the retraining', async () => {
    const { items } = await mainstay.get('/pipeline-runs')
    return items.length > 1 ? items[0] : undefined
  })
  const ended = await until(
    'the end of the retraining',
    async () => {
      const now = await mainstay.get(`/pipeline-runs/${run.id}`)
      return now.ended_at === null ? undefined : now
    },
    200_000,
  )
  must(ended.state === 'succeeded', `the retraining ${ended.state}`)
}

async function seeOverview() {
  const title = await browser.open('/')
  const text = await browser.text()
  must(/bike-demand/.test(title) && /degraded|recover|outside|healthy/.test(title), `its title says: ${title}`)
  const { state } = await mainstay.get(`/monitors/${endpoint}`)
  const words = { degraded: 'Degraded', recovering: 'Recovering', warning: 'Warning', healthy: 'Healthy' }
  must(text.includes(words[state] ?? state), `the row does not say ${state}`)
  must(state !== 'healthy', 'seven weeks end inside or after the incident, not in health')
  must(/limit 0\.300/.test(text), 'no limit is shown')
  must(/Incident opened/.test(text), 'the incident is not told')
  must(/Retraining/.test(text), 'the retraining is not told')
}

async function seeMonitor() {
  const { page } = browser
  await browser.open(`/monitoring/${endpoint}`)
  await page.locator('canvas').first().waitFor()
  await until('the limit line', () => browser.hasLimitLine(), 5_000)
  const text = await browser.text()
  must(/Marked: .*incident, 30 Apr 2011.*retrain, 30 Apr 2011/.test(text), 'the marks are not in words')
  must(/temp/.test(text) && /season/.test(text), 'the inputs are not compared')
  await page.getByRole('button', { name: 'Windows', exact: true }).click()
  await page.getByRole('dialog').getByText('22 Apr', { exact: false }).first().waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
}

async function seeIncident() {
  await browser.open('/incidents')
  await browser.page.locator('#page a[href^="/incidents/"]').first().click()
  await browser.page.waitForURL(/\/incidents\/inc_/)
  await browser.page.getByText('Where the error came from').waitFor()
  const text = await browser.text()
  const story = ['Performance left its limit', 'Incident opened', 'retrain', 'Rollout started']
  const places = story.map((part) => text.indexOf(part))
  must(
    places.every((place) => place >= 0),
    `it lacks ${story.filter((_, i) => places[i] < 0).join(', ')}`,
  )
  must(
    places.every((place, i) => i === 0 || place > places[i - 1]),
    'the story is out of order',
  )
  must(!/(act|prun|inc)_[0-9a-z]{26}/.test(text), 'it shows a raw id')
}

async function rollBack() {
  const { page } = browser
  await browser.open(`/endpoints/${endpoint}`)
  await page.getByRole('button', { name: 'Roll back to v1' }).click()
  const question = page.getByRole('dialog')
  await question.getByRole('textbox').fill('tried by a journey')
  await question.getByRole('button', { name: 'Roll back' }).click()
  await question.waitFor({ state: 'hidden' })
  await page.getByRole('heading', { level: 1, name: /Version 1 answers all of bike-demand/ }).waitFor()
  const { variants } = await mainstay.get(`/endpoints/${endpoint}`)
  must(
    variants.some(({ role, version }) => role === 'live' && version === 1),
    'the endpoint still serves another version',
  )
}

/** The newest run of the pipeline is opened on what took longest, with its log. */
async function seePipelineRun() {
  const { items } = await mainstay.get('/pipeline-runs')
  const title = await browser.open(`/pipelines/runs/${items[0].id}`)
  must(/succeeded in/.test(title), `its title says: ${title}`)
  await browser.page.getByText(/hours, forward backtest WAPE/).waitFor()
}

async function fullPages() {
  const { items: runs } = await mainstay.get('/pipeline-runs')
  const { items: incidents } = await mainstay.get('/incidents')
  const { items: versions } = await mainstay.get(`/models/${endpoint}/versions`)
  const tabs = ['rollout', 'traffic', 'predictions', 'playground', 'settings', 'history']
  return [
    ...rooms.filter((room) => !['/datasets', '/features', '/llm', '/governance', '/cost', '/settings'].includes(room)),
    `/monitoring/${endpoint}`,
    `/incidents/${incidents[0].id}`,
    ...tabs.map((tab) => `/endpoints/${endpoint}?tab=${tab}`),
    `/pipelines/${endpoint}`,
    `/pipelines/runs/${runs[0].id}`,
    `/models/${endpoint}`,
    '/experiments/1',
    ...(versions[0].run ? [`/runs/${versions[0].run}`] : []),
  ]
}

/** Each at both sizes, light and dark: no sideways scroll, and axe finds nothing; errors of the browser are counted by the journey. */
async function openAll(paths, isFull) {
  const { page } = browser
  const wrong = []
  for (const path of paths) {
    await browser.open(path)
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme })
      for (const [size, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport)
        await page.waitForTimeout(60)
        const beyond = await browser.sideways()
        if (beyond > 0) wrong.push(`${path} ${size}: ${beyond} px sideways`)
        if (shots) await shoot(path, `${scheme}-${viewport.width}`)
      }
      // An empty room in the dark has no colour that the full ones lack.
      if (scheme === 'dark' && !isFull) continue
      const broken = await brokenRules(page, scheme === 'dark' ? ['color-contrast'] : undefined)
      wrong.push(...broken.map((rule) => `${path} ${scheme}: ${rule}`))
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize(sizes.wide)
    const title = (await page.locator('h1').first().textContent()) ?? ''
    if (/could not be shown|no page at this address/i.test(title)) wrong.push(`${path}: ${title}`)
  }
  must(wrong.length === 0, wrong.join('; '))
}

async function shoot(path, suffix) {
  mkdirSync(shots, { recursive: true })
  const name = path.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '') || 'overview'
  await browser.page.screenshot({ path: join(shots, `${name}-${suffix}.png`) })
}
