import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { absentTable } from './absent.ts'
import { mlflowTable } from './module.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack({ env: { MAINSTAY_PYTHON: '/there/is/no/python' } })
})
afterAll(() => stack[Symbol.asyncDispose]())

interface Answer {
  status: number
  body: Record<string, unknown>
}

async function send(
  method: string,
  path: string,
  payload?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text = payload === undefined ? undefined : typeof payload === 'string' ? payload : JSON.stringify(payload)
  const response = await stack.control.app.inject({
    method: method as 'GET',
    url: path,
    headers: { host: 'localhost', ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(text === undefined ? {} : { payload: text }),
  })
  return { status: response.statusCode, body: JSON.parse(response.body) as Record<string, unknown> }
}

const post = (path: string, payload: unknown): Promise<Answer> => send('POST', `/api/2.0/mlflow/${path}`, payload)

async function newRun(): Promise<string> {
  const { body } = await post('runs/create', { experiment_id: '0' })
  return (body as { run: { info: { run_id: string } } }).run.info.run_id
}

test('both prefixes answer, and the server says which release it speaks', async () => {
  for (const prefix of ['api', 'ajax-api']) {
    const { body } = await send('GET', `/${prefix}/2.0/mlflow/experiments/get?experiment_id=0`)
    expect(body).toMatchObject({ experiment: { experiment_id: '0', name: 'Default', lifecycle_stage: 'active' } })
    expect((await send('GET', `/${prefix}/3.0/mlflow/server-info`)).body).toMatchObject({
      multipart_uploads_enabled: false,
    })
  }
  const plain = await stack.control.app.inject({ url: '/version', headers: { host: 'localhost' } })
  expect([plain.body, plain.headers['content-type']]).toEqual(['3.17.2', 'text/plain'])
})

test('a value that is too long is cut, as on MLflow’s server, and keys may be of any script', async () => {
  const run = await newRun()
  const long = 'v'.repeat(9_000)
  await post('runs/log-parameter', { run_id: run, key: 'größe', value: long })
  await post('runs/log-batch', {
    run_id: run,
    params: [{ key: '層', value: long }],
    tags: [{ key: 't', value: long }],
    metrics: [{ key: 'α', value: 1, timestamp: 1 }],
  })
  const { body } = await send('GET', `/api/2.0/mlflow/runs/get?run_id=${run}`)
  expect(body).toMatchObject({
    run: {
      data: {
        metrics: [{ key: 'α' }],
        params: [
          { key: 'größe', value: 'v'.repeat(6_000) },
          { key: '層', value: 'v'.repeat(6_000) },
        ],
      },
    },
  })
  const tags = (body as { run: { data: { tags: { key: string; value: string }[] } } }).run.data.tags
  expect(tags.find(({ key }) => key === 't')?.value).toHaveLength(8_000)
})

test('what is asked too much of at once is refused, never an error of the server', async () => {
  const run = await newRun()
  const many = (n: number, of: (i: number) => unknown): unknown[] => Array.from({ length: n }, (_, i) => of(i))
  const asked: readonly [string, object][] = [
    ['runs/search', { experiment_ids: ['0'], order_by: many(70, (i) => `metrics.m${i}`) }],
    ['runs/search', { experiment_ids: ['0'], filter: many(1_100, () => 'metrics.a > 1').join(' and ') }],
    ['runs/search', { experiment_ids: many(40_000, String) }],
    ['runs/outputs', { run_id: run, models: many(40_000, (i) => ({ model_id: `m-${i}` })) }],
    ['logged-models', { experiment_id: '0', params: many(40_000, (i) => ({ key: `p${i}`, value: 'v' })) }],
    ['logged-models/search', { experiment_ids: ['0'], datasets: many(40_000, (i) => ({ dataset_name: `d${i}` })) }],
    ['registered-models/create', { name: 'wordy', description: 'd'.repeat(200_000) }],
  ]
  for (const [path, body] of asked) {
    const { status, body: answer } = await post(path, body)
    expect([path, status, answer['error_code']]).toEqual([path, 400, 'INVALID_PARAMETER_VALUE'])
  }
  expect(
    (await post('runs/outputs', { run_id: run, models: many(9_000, (i) => ({ model_id: `m-${i}` })) })).status,
  ).toBe(200)
  const twice = await send('GET', `/get-artifact?run_uuid=${run}&run_uuid=${run}&path=a&path=b`)
  expect([twice.status, twice.body['error_code']]).toEqual([404, 'RESOURCE_DOES_NOT_EXIST'])
})

test('names that other calls could not name again are refused or kept as they are', async () => {
  for (const name of ['.', '..']) expect((await post('registered-models/create', { name })).status).toBe(400)
  const created = await post('experiments/create', { name: '  padded ' })
  const { body } = await send('GET', '/api/2.0/mlflow/experiments/get-by-name?experiment_name=%20%20padded%20')
  expect(body).toMatchObject({ experiment: { experiment_id: created.body['experiment_id'] } })
  const found = await post('experiments/search', {
    max_results: 5,
    filter: `experiment_id in ('${String(created.body['experiment_id'])}')`,
  })
  expect(found.body).toMatchObject({ experiments: [{ name: '  padded ' }] })
})

test('what a whole number cannot hold exactly is refused with its bounds', async () => {
  const refused = await post('runs/log-metric', {
    run_id: await newRun(),
    key: 'a',
    value: 1,
    timestamp: 1,
    step: '9007199254740993',
  })
  expect(refused.status).toBe(400)
  expect(refused.body['message']).toContain('between -9007199254740991 and 9007199254740991')
})

test('numbers, doubles and names are read as leniently as MLflow reads them', async () => {
  const run = await newRun()
  const sent = [
    { run_id: run, key: 'a', value: 'NaN', timestamp: '5', step: 2 },
    { runId: run, key: 'b', value: '-Infinity', timestamp: 5 },
    { run_uuid: run, key: 'c', value: '1.5', timestamp: 5, unknown: [{}] },
  ]
  for (const body of sent) expect((await post('runs/log-metric', body)).status).toBe(200)
  expect(
    (await post('runs/log-metric', JSON.stringify(JSON.stringify({ run_id: run, key: 'd', value: 1, timestamp: 5 }))))
      .status,
  ).toBe(200)
  const { body } = await send('GET', `/api/2.0/mlflow/runs/get?run_id=${run}&run_uuid=${run}`)
  expect(body).toMatchObject({
    run: {
      data: {
        metrics: [
          { key: 'a', value: 'NaN', timestamp: 5, step: 2 },
          { key: 'b', value: '-Infinity', timestamp: 5, step: 0 },
          { key: 'c', value: 1.5, timestamp: 5, step: 0 },
          { key: 'd', value: 1, timestamp: 5, step: 0 },
        ],
      },
      inputs: {},
    },
  })
})

test.each([
  ['POST', 'experiments/create', {}, 400, 'INVALID_PARAMETER_VALUE', "Missing value for required parameter 'name'"],
  [
    'POST',
    'experiments/create',
    { name: '' },
    400,
    'INVALID_PARAMETER_VALUE',
    "Missing value for required parameter 'name'",
  ],
  ['POST', 'experiments/create', { name: 5 }, 400, 'INVALID_PARAMETER_VALUE', "Invalid value 5 for parameter 'name'"],
  ['POST', 'experiments/create', { name: 'Default' }, 400, 'RESOURCE_ALREADY_EXISTS', 'already exists'],
  ['POST', 'experiments/create', '{"name": ', 400, 'BAD_REQUEST', 'not JSON'],
  ['POST', 'experiments/create', '[1]', 400, 'BAD_REQUEST', 'object'],
  ['GET', 'experiments/get?experiment_id=abc', undefined, 400, 'INVALID_PARAMETER_VALUE', 'Experiment ID'],
  ['GET', 'experiments/get?experiment_id=999', undefined, 404, 'RESOURCE_DOES_NOT_EXIST', 'No Experiment'],
  ['POST', 'runs/search', { experiment_ids: ['0'], max_results: 0 }, 400, 'INVALID_PARAMETER_VALUE', 'max_results'],
  [
    'POST',
    'runs/search',
    { experiment_ids: ['0'], max_results: 60_000 },
    400,
    'INVALID_PARAMETER_VALUE',
    'max_results',
  ],
  [
    'POST',
    'runs/search',
    { experiment_ids: ['0'], page_token: 'x'.repeat(100_000) },
    400,
    'INVALID_PARAMETER_VALUE',
    'page token',
  ],
  [
    'POST',
    'runs/search',
    { experiment_ids: ['0'], run_view_type: 'SOME' },
    400,
    'INVALID_PARAMETER_VALUE',
    'run_view_type',
  ],
  [
    'POST',
    'runs/search',
    { experiment_ids: ['0'], order_by: ['metrics.a', 'metrics.a'] },
    400,
    'INVALID_PARAMETER_VALUE',
    'twice',
  ],
  ['GET', 'runs/get?run_id=none', undefined, 404, 'RESOURCE_DOES_NOT_EXIST', 'not found'],
  ['GET', 'registered-models/alias?name=none&alias=a', undefined, 404, 'RESOURCE_DOES_NOT_EXIST', 'none'],
  ['GET', 'no/such/route', undefined, 404, 'ENDPOINT_NOT_FOUND', 'no route'],
] as const)('%s %s %j is refused', async (method, path, payload, status, code, words) => {
  const answer = await send(method, `/api/2.0/mlflow/${path}`, payload)
  expect([answer.status, answer.body['error_code']]).toEqual([status, code])
  expect(answer.body['message']).toContain(words)
})

test('an unknown status in an update changes nothing and is no error', async () => {
  const run = await newRun()
  expect((await post('runs/update', { run_id: run, status: 'DREAMING' })).body).toMatchObject({
    run_info: { status: 'RUNNING' },
  })
  expect((await post('runs/update', { run_id: run, status: 3, end_time: 9 })).body).toMatchObject({
    run_info: { status: 'FINISHED', end_time: 9 },
  })
})

test('what is absent answers NOT_IMPLEMENTED as JSON, at once', async () => {
  for (const [methods, path] of absentTable) {
    for (const method of methods.split(' ')) {
      const url = `/api/${path.replace(/:\w+/g, 'x').replace('*', 'x')}`
      const answer = await send(method, url)
      expect([url, answer.status, answer.body['error_code']]).toEqual([url, 501, 'NOT_IMPLEMENTED'])
    }
  }
})

test('artifacts go in and out through the proxy, JSON files too, and no path leaves its run', async () => {
  const run = await newRun()
  const base = `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts`
  expect((await send('PUT', `${base}/a/conf.json`, '{"x": NaN}')).status).toBe(200)
  const read = await stack.control.app.inject({ url: `${base}/a/conf.json`, headers: { host: 'localhost' } })
  expect(read.body).toBe('{"x": NaN}')
  const listed = await send('GET', `/api/2.0/mlflow-artifacts/artifacts?path=0/${run}/artifacts/a`)
  expect(listed.body).toEqual({ files: [{ path: 'conf.json', is_dir: false, file_size: 10 }] })
  for (const bad of ['..%2f..%2fx', 'a%2f..%2f..%2fb', '%2fetc', 'a%5cb', 'a%00b', 'a%2f%2fb', 'x'.repeat(300)]) {
    expect([bad, (await send('PUT', `${base}/${bad}`, '{}')).status]).toEqual([bad, 400])
  }
  expect((await send('PUT', `/api/2.0/mlflow-artifacts/artifacts/0/${'0'.repeat(32)}/artifacts/x`, '{}')).status).toBe(
    404,
  )
  expect((await send('DELETE', `${base}/a/conf.json`)).status).toBe(200)
  expect((await send('GET', `${base}/a/conf.json`)).status).toBe(404)
})

test('a version’s source must belong to the run or model beside it', async () => {
  const run = await newRun()
  const other = await newRun()
  await post('registered-models/create', { name: 'sources' })
  const create = (source: string, more: object = {}): Promise<Answer> =>
    post('model-versions/create', { name: 'sources', source, ...more })
  await send('PUT', `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/m/MLmodel`, '{}')
  const refused: [string, object?][] = [
    [`runs:/${run}/m`, { run_id: other }],
    [`runs:/${run}/m`],
    [`mlflow-artifacts:/0/${run}/artifacts/m`, { run_id: other }],
    [`mlflow-artifacts:/0/${run}/artifacts/../../x`, { run_id: run }],
    [`mlflow-artifacts:/0/${run}/artifacts/%2e%2e/%2e%2e/x`, { run_id: run }],
    ['/etc/passwd', { run_id: run }],
    ['file:///etc/passwd', { run_id: run }],
    ['s3://bucket/a/../b'],
    [`models:/m-${'1'.repeat(32)}`, { model_id: `m-${'2'.repeat(32)}` }],
  ]
  for (const [source, more] of refused) {
    const answer = await create(source, more)
    expect([source, answer.status, answer.body['error_code']]).toEqual([source, 400, 'INVALID_PARAMETER_VALUE'])
  }
  expect((await create(`runs:/${run}/m`, { run_id: run })).status).toBe(200)
  expect((await create(`mlflow-artifacts:/0/${run}/artifacts/m`, { run_id: run })).body).toMatchObject({
    model_version: { version: '2' },
  })
  expect((await create('s3://bucket/a')).body).toMatchObject({ model_version: { version: '3', status: 'READY' } })
})

const anything = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('0', 'NaN', 'a/../b', '😀', '\0', '9'.repeat(30)),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.object({ maxDepth: 2 }),
)

test('what every object of the language has is no column, no number and no order', async () => {
  const run_id = await newRun()
  const refusals = await Promise.all([
    send('GET', '/api/2.0/mlflow/model-versions/search?order_by=toString'),
    send('GET', "/api/2.0/mlflow/model-versions/search?filter=constructor='x'"),
    send('POST', '/api/2.0/mlflow/runs/search', { experiment_ids: ['0'], order_by: ['attributes.constructor'] }),
    send('POST', '/api/2.0/mlflow/experiments/search', { max_results: 5, filter: "constructor = 'x'" }),
    send('POST', '/api/2.0/mlflow/logged-models/search', {
      experiment_ids: ['0'],
      order_by: [{ field_name: 'toString' }],
    }),
    send('POST', '/api/2.0/mlflow/runs/log-metric', { run_id, key: 'm', value: 'constructor', timestamp: 1 }),
  ])
  expect(refusals.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400])
})

test('no body and no query makes a route fail in another way than by refusing', async () => {
  const run = await newRun()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...mlflowTable),
      fc.func(anything),
      fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      async (route, make, present) => {
        const names = Object.keys(route.shape)
        const body = Object.fromEntries(
          names
            .filter((_, i) => present[i % 12] ?? true)
            .map((name) => [name, name.startsWith('run_') && present[0] ? run : make(name)]),
        )
        const path = `/api/${route.path.replace(/:\w+/g, `m-${'0'.repeat(32)}`)}`
        const query = new URLSearchParams(
          Object.entries(body).map(([name, value]) => [
            name,
            typeof value === 'string' ? value : JSON.stringify(value),
          ]),
        ).toString()
        const answer =
          route.method === 'GET' ? await send('GET', `${path}?${query}`) : await send(route.method, path, body)
        if (answer.status >= 500) throw new Error(`${route.method} ${path} ${JSON.stringify(body)} → ${answer.status}`)
        if (answer.status >= 400) expect(Object.keys(answer.body)).toEqual(['error_code', 'message'])
      },
    ),
    { numRuns: 600 },
  )
})
