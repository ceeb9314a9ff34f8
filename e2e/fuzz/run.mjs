// Bad input never gets a 5xx, a hang or anything but JSON with a code and the next step.
//   node e2e/fuzz/run.mjs [--seed N] [--runs N]     (MAINSTAY_TEST_DATABASE_URL: on that PostgreSQL)
import fc from 'fast-check'
import { join } from 'node:path'
import { root } from '../lib/mainstay.mjs'
import { createReport } from '../lib/report.mjs'
import { brokenRequests, fitting, hostileTexts, spoilt } from './arbitraries.mjs'
import { startControl } from './control.mjs'
import { fuzzHostile } from './hostile.mjs'

const { allEndpoints } = await import(join(root, 'dist/contract/all.js'))
const { errorCatalogue } = await import(join(root, 'dist/contract/errors.js'))
const { fillPath, pathNames, toQuery } = await import(join(root, 'dist/contract/endpoint.js'))
const { mlflowTable } = await import(join(root, 'dist/server/compat/mlflow/module.js'))

const argument = (name, usual) =>
  process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : usual
// In CI always the same requests, so that a red run is about the change; elsewhere new ones each time.
const seed = argument('--seed', process.env.CI === 'true' ? 1 : Date.now() % 1_000_000)
const runs = argument('--runs', 25)
const longestMs = 10_000

const report = createReport('fuzz')
report.say(`seed ${seed} (repeat with: node e2e/fuzz/run.mjs --seed ${seed})`)
const control = await startControl()
let sent = 0

/** Nothing of Mainstay's answers these in this process: no data plane runs. */
const excused = new Set(['serving.plane_unreachable', 'mlflow.not_implemented'])
/** A stream of events has no end; only its refusals are looked at. */
const isEndless = (endpoint) => (endpoint.contentTypes ?? []).includes('text/event-stream')

async function send(request) {
  sent += 1
  let timer
  const late = new Promise((resolve) => (timer = setTimeout(() => resolve(undefined), longestMs)))
  const answer = await Promise.race([
    control.inject({ ...request, headers: { host: 'localhost', ...request.headers } }),
    late,
  ])
  clearTimeout(timer)
  return answer
}

const short = (value) =>
  JSON.stringify(value, (_, item) =>
    typeof item === 'string' && item.length > 200 ? `${item.slice(0, 200)}… (${item.length})` : item,
  )?.slice(0, 700)

/** Undefined when the answer is as it should be, else what is wrong with it. */
function faultOf(answer, isMlflow = false) {
  if (answer === undefined) return `no answer within ${longestMs / 1_000} s`
  if (answer.statusCode < 400) return undefined
  const type = String(answer.headers['content-type'] ?? '')
  if (!type.startsWith('application/json')) return `${answer.statusCode} as ${type}: ${answer.body.slice(0, 100)}`
  const body = JSON.parse(answer.body)
  const code = isMlflow ? body.error_code : body.error?.code
  if (typeof code !== 'string' || typeof (isMlflow ? body.message : body.error.message) !== 'string')
    return `an error without code or message: ${answer.body.slice(0, 200)}`
  if (!isMlflow && (errorCatalogue[code] === undefined || !body.error.next))
    return `an error without catalogue entry or next step: ${answer.body.slice(0, 200)}`
  if (answer.statusCode >= 500 && !excused.has(code) && code !== 'NOT_IMPLEMENTED')
    return `${answer.statusCode} ${answer.body.slice(0, 200)}`
  return undefined
}

function requestOf(endpoint, input) {
  const inQuery = endpoint.method === 'GET' || endpoint.method === 'DELETE'
  const named = pathNames(endpoint.path).map((name) => [name, asText(input[name] ?? 'x')])
  const full = { ...input, ...Object.fromEntries(named) }
  const { path, rest } = fillPath(endpoint.path, wellFormed(full))
  return {
    method: endpoint.method,
    url: inQuery ? path + queryOf(rest) : path,
    ...(inQuery ? {} : { payload: JSON.stringify(rest), headers: { 'content-type': 'application/json' } }),
  }
}

/** A lone surrogate cannot be put into an address; in bodies it is sent as it is. */
const wellFormed = (input) =>
  Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, typeof value === 'string' ? value.toWellFormed() : value]),
  )
/** An address carries texts: what has no text of its own travels as JSON. */
const asText = (value) => (typeof value === 'object' ? JSON.stringify(value) : value)
const queryOf = (rest) =>
  toQuery(
    Object.fromEntries(
      Object.entries(rest)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name, Array.isArray(value) ? value.map(asText) : asText(value)]),
    ),
  )

async function holds(name, property, numRuns = runs) {
  const result = await fc.check(property, { seed, numRuns, endOnFailure: false })
  if (!result.failed) return true
  report.check(name, false, `${result.errorInstance?.message ?? 'failed'} with ${short(result.counterexample)}`)
  return false
}

const expectFine = (answer, isMlflow) => {
  const fault = faultOf(answer, isMlflow)
  if (fault !== undefined) throw new Error(fault)
}

async function fuzzEndpoint(endpoint) {
  const shape = fitting(endpoint.input, control.known)
  let fine = true
  if (!isEndless(endpoint)) {
    const property = (arbitrary) =>
      fc.asyncProperty(arbitrary, async (input) => {
        const answer = await send(requestOf(endpoint, input))
        expectFine(answer)
        if (answer.statusCode < 300 && endpoint.output) {
          const parsed = endpoint.output.safeParse(JSON.parse(answer.body))
          if (!parsed.success)
            throw new Error(
              `an answer that its own shape refuses: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}`,
            )
        }
      })
    fine = (await holds(`${endpoint.id}: requests that fit`, property(shape))) && fine
    fine = (await holds(`${endpoint.id}: requests with one field spoilt`, property(spoilt(shape)))) && fine
  }
  fine = (await fuzzPath(endpoint)) && fine
  for (const broken of brokenRequests) fine = (await sendBroken(endpoint, broken)) && fine
  if (fine) report.check(endpoint.id, true)
}

async function fuzzPath(endpoint) {
  if (pathNames(endpoint.path).length === 0 || isEndless(endpoint)) return true
  const text = fc.oneof(fc.constantFrom(...hostileTexts), fc.string())
  const raw = fc.oneof(
    text.map((value) => encodeURIComponent(value.toWellFormed())),
    fc.constantFrom('..', '%2e%2e', '%', '%zz', '%00', '%ff', '..%2f', '.', '%2F%2F'),
  )
  return await holds(
    `${endpoint.id}: hostile parts of the path`,
    fc.asyncProperty(raw, async (part) => {
      const url = endpoint.path.replace(/:[A-Za-z]+/g, part)
      const hasBody = endpoint.method !== 'GET' && endpoint.method !== 'DELETE'
      expectFine(
        await send({
          method: endpoint.method,
          url,
          ...(hasBody ? { payload: '{}', headers: { 'content-type': 'application/json' } } : {}),
        }),
      )
    }),
  )
}

async function sendBroken(endpoint, { name, payload, headers = {}, status, writesOnly }) {
  const hasBody = endpoint.method !== 'GET' && endpoint.method !== 'DELETE'
  if (status === undefined && (!hasBody || isEndless(endpoint))) return true
  if (writesOnly && endpoint.method === 'GET') return true
  if (status === 401 && endpoint.permission === 'public') return true
  const { path } = fillPath(
    endpoint.path,
    Object.fromEntries(pathNames(endpoint.path).map((part) => [part, control.known[0]])),
  )
  const answer = await send({
    method: endpoint.method,
    url: path.replace('*', 'a/b'),
    headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(hasBody ? { payload } : {}),
  })
  const fault =
    faultOf(answer) ??
    (status !== undefined && answer.statusCode !== status ? `${answer.statusCode} instead of ${status}` : undefined)
  if (fault === undefined) return true
  report.check(`${endpoint.id}: ${name}`, false, fault)
  return false
}

/** MLflow's routes have decoders of their own; their fields are known by name only, so values are drawn wildly. */
async function fuzzMlflow(route) {
  const url = `/api/${route.path}`
  const isQuery = route.method === 'GET'
  const value = fc.oneof(
    fc.constantFrom(...control.known),
    fc.constantFrom(...hostileTexts),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(2 ** 53, -(2 ** 63), 1e308),
  )
  const names = Object.keys(route.shape)
  const input = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] })
  let fine = await holds(
    `MLflow ${route.method} ${route.path}`,
    fc.asyncProperty(input, async (fields) => {
      const path = url.replace(/:([A-Za-z_]+)/g, (_, name) =>
        encodeURIComponent(String(asText(fields[name] ?? control.known[0])).toWellFormed()),
      )
      const query = queryOf(
        Object.fromEntries(
          Object.entries(fields).map(([name, item]) => [
            name,
            typeof item === 'object' ? JSON.stringify(item) : String(item).toWellFormed(),
          ]),
        ),
      )
      expectFine(
        await send({
          method: route.method,
          url: isQuery ? path + query : path,
          ...(isQuery ? {} : { payload: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }),
        }),
        true,
      )
    }),
    runs * 2,
  )
  for (const { name, payload, headers = {}, writesOnly } of brokenRequests) {
    if (isQuery && (writesOnly || headers.host === undefined)) continue
    const path = url.replace(/:([A-Za-z_]+)/g, 'x')
    const answer = await send({
      method: route.method,
      url: path,
      headers: { ...(isQuery ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(isQuery ? {} : { payload }),
    })
    const fault = faultOf(answer, true)
    if (fault !== undefined) fine = report.check(`MLflow ${route.method} ${route.path}: ${name}`, false, fault)
  }
  if (fine) report.check(`MLflow ${route.method} ${route.path}`, true)
}

async function fuzzOthers() {
  const huge = Buffer.alloc(17 * 1024 * 1024, 'x')
  for (const url of [
    '/api/v1/apply',
    `/api/v1/endpoints/${control.known[0]}/labels`,
    '/api/2.0/mlflow/runs/create',
    '/api/2.0/mlflow/runs/log-batch',
  ]) {
    const answer = await send({
      method: 'POST',
      url,
      payload: `{"x": "${huge.toString()}"}`,
      headers: { 'content-type': 'application/json' },
    })
    report.check(
      `a huge body to ${url} is refused`,
      faultOf(answer, url.includes('mlflow')) === undefined && [400, 413].includes(answer.statusCode),
      String(answer?.statusCode),
    )
  }
  const { statusCode, body } = await send({ method: 'GET', url: '/readyz' })
  report.check('the server is still well', statusCode === 200, body.slice(0, 200))
}

try {
  for (const endpoint of allEndpoints) await fuzzEndpoint(endpoint)
  for (const route of mlflowTable) await fuzzMlflow(route)
  await fuzzHostile({ control, send, faultOf, report })
  await fuzzOthers()
} catch (error) {
  report.broke(error)
} finally {
  await control.stop()
}
report.say(`${sent} requests`)
// fast-check's own timers and DuckDB's threads do not hold the end up.
process.exit(report.end())
