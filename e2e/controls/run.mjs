// The controls of `npm test`: where nothing drifts nothing is retrained, and a broken feed is quarantined.
//   node e2e/controls/run.mjs [--faults NAME,…] [--seeds 1,2] [--to 2011-06-10]
import { createReport } from '../lib/report.mjs'
import { faults, runFaults } from './faults.mjs'
import { runPermuted, windowFacts } from './permuted.mjs'

const argument = (name, usual) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : usual)
const list = (text) => text.split(',').filter((word) => word !== '')
const seeds = list(argument('--seeds', '1,2')).map(Number)
const to = argument('--to', '2011-06-10')
const chosen = argument('--faults', 'nulls,unit,twice,unlabelled')

const report = createReport('controls')
const results = await Promise.allSettled(seeds.map((seed) => runPermuted(seed, to)))
for (const [index, result] of results.entries()) {
  if (result.status === 'rejected') {
    report.broke(result.reason)
    continue
  }
  const { judged, outside, mean, worst } = windowFacts(result.value)
  const facts = `${judged} windows, mean ${mean}, worst ${worst}, ${outside} outside; ${result.value.seconds} s`
  report.check(
    `days permuted with seed ${seeds[index]}: nothing is retrained`,
    result.value.retrains === 0 && judged >= 8,
    facts,
  )
  report.check(
    `days permuted with seed ${seeds[index]}: no feed is called broken`,
    result.value.incidents.every(({ signal }) => signal !== 'inputs'),
    result.value.incidents.map(({ cause }) => cause).join('; '),
  )
  report.check(
    `days permuted with seed ${seeds[index]}: down leaves no process`,
    result.value.left.length === 0,
    result.value.left.join('; '),
  )
}
const names = chosen === 'all' ? Object.keys(faults) : list(chosen)
if (names.length > 0) await runFaults(names, report).catch((error) => report.broke(error))
process.exit(report.end())
