// What a person does with runs that are logged by the MLflow REST API.
import { must } from './must.mjs'

/** Two runs of one experiment side by side. */
export async function compareRuns({ browser, mainstay }) {
  const { experiment_id } = await mlflow(mainstay, 'experiments/create', { name: 'depth of the trees' })
  for (const [name, depth, mae] of [
    ['shallow', '3', 41.5],
    ['deep', '9', 36.25],
  ]) {
    const at = Date.now()
    const { run } = await mlflow(mainstay, 'runs/create', { experiment_id, run_name: name, start_time: at })
    const metrics = [3, 2, 1, 0].map((left, step) => ({
      key: 'val_mae',
      value: mae + left * 4,
      timestamp: at + step,
      step,
    }))
    const params = [
      { key: 'max_depth', value: depth },
      { key: 'learning_rate', value: '0.1' },
    ]
    await mlflow(mainstay, 'runs/log-batch', { run_id: run.info.run_id, metrics, params })
    await mlflow(mainstay, 'runs/update', { run_id: run.info.run_id, status: 'FINISHED', end_time: at + 5_000 })
  }
  const { page } = browser
  await browser.open('/experiments')
  await page.getByRole('link', { name: 'depth of the trees' }).click()
  await page.getByRole('button', { name: 'Compare 2' }).click()
  await page.waitForURL(/\/compare\?runs=/)
  await page.getByRole('heading', { level: 1, name: /^2 runs differ/ }).waitFor()
  await page.getByText('What differs').waitFor()
  const text = await browser.text()
  must(/max_depth/.test(text) && /41\.5/.test(text) && /36\.\d/.test(text), 'the difference is not shown')
  must(!/learning_rate/.test(text), 'what is equal is not hidden')
  await page.locator('canvas').first().waitFor()
}

/** A run that begins joins the open table, and what it logs is seen on its page without a reload. */
export async function followRun({ browser, mainstay }) {
  const { page } = browser
  const { experiment_id } = await mlflow(mainstay, 'experiments/create', { name: 'followed' })
  const start = async (name) => {
    const { run } = await mlflow(mainstay, 'runs/create', { experiment_id, run_name: name, start_time: Date.now() })
    return run.info.run_id
  }
  await start('earlier')
  await browser.open(`/experiments/${experiment_id}`)
  const id = await start('later')
  await page.getByRole('link', { name: 'later', exact: true }).waitFor()
  await browser.open(`/runs/${id}`)
  const log = async (value, step) =>
    await mlflow(mainstay, 'runs/log-metric', { run_id: id, key: 'loss', value, timestamp: Date.now(), step })
  await log('NaN', 0)
  await page.getByText('not finite').waitFor()
  await log(0.4375, 1)
  await page.getByRole('heading', { level: 1, name: /loss 0\.438/ }).waitFor()
}

async function mlflow(mainstay, path, body) {
  const answer = await fetch(`${mainstay.url}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return await answer.json()
}
