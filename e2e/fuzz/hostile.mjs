import { hostileCode, hostileFiles, hostilePaths } from './files.mjs'
import { rawRequests, sendRaw } from './raw.mjs'

const json = { 'content-type': 'application/json' }
const slowestMs = 8_000

/** Files, names and bytes that people would not send: refused quickly, by name, and leaving nothing behind. */
export async function fuzzHostile({ control, send, faultOf, report }) {
  const refused = async (name, request, isMlflow = false) => {
    const began = performance.now()
    const answer = await send(request)
    const took = performance.now() - began
    const fault =
      faultOf(answer, isMlflow) ??
      (answer.statusCode < 400 ? `was taken: ${answer.body.slice(0, 200)}` : undefined) ??
      (took > slowestMs ? `took ${Math.round(took)} ms` : undefined)
    if (fault !== undefined) report.check(name, false, fault)
    return fault === undefined
  }
  const all = async (sentence, cases) => {
    let fine = true
    for (const one of cases) fine = (await one()) && fine
    if (fine) report.check(sentence, true)
  }
  const stored = async () => {
    const parts = ['/api/v1/models', '/api/v1/pipelines', '/api/v1/endpoints', '/api/v1/monitors', '/api/v1/rules']
    return await Promise.all(parts.map(async (url) => (await send({ url })).body))
  }

  const before = await stored()
  const apply = (payload) => ({ method: 'POST', url: '/api/v1/apply', payload: JSON.stringify(payload), headers: json })
  await all(
    'hostile project files are refused',
    hostileFiles.map(
      ([name, file]) =>
        () =>
          refused(`a project file with ${name}`, apply({ file })),
    ),
  )
  const file = 'pipelines: {hostile: {steps: {a: {run: "true"}}}}\n'
  await all(
    'hostile names of code are refused',
    hostileCode.map(
      ([name, code]) =>
        () =>
          refused(`code with ${name}`, apply({ file, code })),
    ),
  )
  report.check('what was refused has changed nothing', JSON.stringify(await stored()) === JSON.stringify(before))

  const { upload } = JSON.parse(
    (await send({ method: 'POST', url: '/api/v1/models/hostile/uploads', payload: '{}', headers: json })).body,
  )
  await all(
    'names of artifacts cannot leave their place',
    hostilePaths.flatMap((path) => [
      ...['GET', 'PUT', 'DELETE'].flatMap((method) =>
        ['', `${control.experiment}/${control.run}/artifacts/`, 'trees/'].map((owner) => () => {
          const url = `/api/2.0/mlflow-artifacts/artifacts/${owner}${path}`
          return method === 'PUT' && isSentAsItIs(path)
            ? refused(`${method} ${url.slice(0, 120)}`, { method, url, payload: 'bytes' }, true)
            : answered(`${method} ${url.slice(0, 120)}`, { method, url }, true)
        }),
      ),
      async () =>
        !isSentAsItIs(path) ||
        refused(`an upload of ${path.slice(0, 60)}`, {
          method: 'PUT',
          url: `/api/v1/uploads/${upload}/files/${path}`,
          payload: 'bytes',
        }),
    ]),
  )
  // Dots are taken out of an address before it is sent here; `rawRequests` sends them.
  function isSentAsItIs(path) {
    return new URL(`http://localhost/x/${path}`).pathname === `/x/${path}`
  }
  async function answered(name, request, isMlflow) {
    const answer = await send(request)
    const fault =
      faultOf(answer, isMlflow) ?? (answer.body.includes('root:') ? 'shows a file of the machine' : undefined)
    return fault === undefined || report.check(name, false, fault)
  }

  const port = await control.listen()
  await all(
    'bytes that are no proper request are refused, and the connection ends',
    rawRequests(`${control.experiment}/${control.run}/artifacts`).map(([name, bytes]) => async () => {
      const statuses = await sendRaw(port, bytes)
      const wrong = statuses.some((status) => status < 400 || status >= 500)
      return !wrong || report.check(`a raw request with ${name}`, false, `answers ${statuses.join(', ')}`)
    }),
  )
}
