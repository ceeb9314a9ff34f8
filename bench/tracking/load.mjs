import http from 'node:http'

/** One server under load: JSON over kept-alive connections, so that the generator costs little. */
export function clientOf(base) {
  const url = new URL(base)
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body)
      const headers = payload
        ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
        : {}
      const request = http.request(
        { agent, method, host: url.hostname, port: url.port, path: `/api/2.0/mlflow/${path}`, headers },
        (response) => {
          const chunks = []
          response.on('data', (chunk) => chunks.push(chunk))
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            if (response.statusCode === 200) resolve(JSON.parse(text))
            else reject(new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 300)}`))
          })
        },
      )
      request.on('error', reject)
      request.end(payload)
    })
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN

/** Closed loop: each of `width` clients sends its next request when the one before is answered. */
export async function closedLoop(width, seconds, work) {
  const times = []
  const end = performance.now() + seconds * 1000
  const start = performance.now()
  await Promise.all(
    Array.from({ length: width }, async (_, client) => {
      for (let i = 0; performance.now() < end; i += 1) {
        const before = performance.now()
        await work(client, i)
        times.push(performance.now() - before)
      }
    }),
  )
  const took = (performance.now() - start) / 1000
  times.sort((a, b) => a - b)
  return { rate: times.length / took, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** Median of a few reads, one after the other, the first (cold) left out. */
export async function median(times, work) {
  const measured = []
  for (let i = 0; i <= times; i += 1) {
    const before = performance.now()
    await work()
    if (i > 0) measured.push(performance.now() - before)
  }
  return quantile(
    measured.sort((a, b) => a - b),
    0.5,
  )
}

/** Makes `count` runs with 10 metrics, 8 params and 3 tags each, a few at a time. */
export async function seedRuns(call, experiment, count, width = 8) {
  let next = 0
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let i = next++; i < count; i = next++) {
        const { run } = await call('POST', 'runs/create', {
          experiment_id: experiment,
          start_time: 1_700_000_000_000 + i,
          run_name: `run ${i}`,
        })
        const fraction = (salt) => ((i * 2_654_435_761 + salt * 40_503) % 1_000_003) / 1_000_003
        await call('POST', 'runs/log-batch', {
          run_id: run.info.run_id,
          metrics: Array.from({ length: 10 }, (_, m) => ({ key: `m${m}`, value: fraction(m), timestamp: 1, step: 0 })),
          params: Array.from({ length: 8 }, (_, p) => ({ key: `p${p}`, value: `v${(i * (p + 3)) % 50}` })),
          tags: Array.from({ length: 3 }, (_, t) => ({ key: `t${t}`, value: `w${(i * (t + 7)) % 20}` })),
        })
      }
    }),
  )
}
