// What a person does at an endpoint and in the record of who did what.
import { sizes } from './browser.mjs'
import { must } from './must.mjs'

/** Rows and latency by version, as a picture and as numbers. */
export async function seeTraffic({ browser, endpoint }) {
  const { page } = browser
  await browser.open(`/endpoints/${endpoint}?tab=traffic`)
  const latency = page.getByRole('region', { name: 'Latency, p99' })
  await latency.locator('canvas').waitFor()
  await latency.getByRole('button', { name: 'as table' }).click()
  const numbers = await latency.getByRole('table').innerText()
  must(/\bv\d\b/.test(numbers) && /\d ms/.test(numbers), `the latency has no numbers: ${numbers.slice(0, 200)}`)
  must(/\d captured, \d+ failed/.test(await browser.text()), 'the rows are not counted')
}

/** The playground begins with the newest captured row, and its answer is that of the live version. */
export async function tryByHand({ browser, mainstay, endpoint }) {
  const { page } = browser
  const newest = await newestRow(mainstay, endpoint)
  await browser.open(`/endpoints/${endpoint}?tab=playground`)
  const shown = await page.getByLabel(/^hr\b/).inputValue()
  must(shown === String(newest.hr), `the form begins with hr ${shown}, the newest row has ${newest.hr}`)
  await page.getByRole('button', { name: 'Predict', exact: true }).click()
  await page.getByText('send its label with this id').waitFor()
  must((await browser.text()).includes(`"data": [${newest.hr}]`), 'the calls do not carry the row')
}

/** A page that is looked at follows what happens, and stays where it is. */
export async function staysInPlace({ browser, mainstay, endpoint }) {
  const { page } = browser
  await page.setViewportSize({ width: 1024, height: 500 })
  await browser.open(`/endpoints/${endpoint}?tab=predictions`)
  await page.locator('#page').evaluate((element) => {
    element.scrollTop = 240
    globalThis.kept = element.querySelector('h1')
  })
  const { predict_url: url, watermark, signature } = await mainstay.get(`/endpoints/${endpoint}`)
  const newest = await newestRow(mainstay, endpoint)
  const inputs = signature.inputs.map(({ name, kind }) => ({
    name,
    shape: [1, 1],
    datatype: kind === 'string' ? 'BYTES' : 'FP32',
    data: [newest[name]],
  }))
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'mainstay-event-time': String(watermark + 3_600_000) },
    body: JSON.stringify({ inputs }),
  })
  must(answer.ok, `the prediction was refused: ${answer.status}`)
  const { id } = await answer.json()
  await page.getByTitle(id, { exact: true }).waitFor()
  const { top, isSame } = await page.locator('#page').evaluate((element) => ({
    top: element.scrollTop,
    isSame: globalThis.kept === element.querySelector('h1'),
  }))
  must(isSame, 'the page was built anew')
  must(top === 240, `the page moved to ${top}`)
  await page.setViewportSize(sizes.wide)
}

/** What a person did is found by words of it, with the reason and the place in the chain. */
export async function searchRecord({ browser }) {
  const { page } = browser
  const title = await browser.open('/governance')
  must(/record is whole/.test(title), `its title says: ${title}`)
  await page.getByLabel('Search the record').fill('journey rolled_back')
  await page.getByText(/^1 shown$/).waitFor()
  await page.getByRole('grid').locator('tbody tr').first().click()
  const record = page.getByRole('dialog')
  await record.getByText('Digest').waitFor()
  must((await record.innerText()).includes('tried by a journey'), 'the record does not say why')
  await page.keyboard.press('Escape')
}

async function newestRow(mainstay, endpoint) {
  const url = `${mainstay.url}/api/v1/endpoints/${endpoint}/predictions?order=newest&limit=1`
  return JSON.parse(await (await fetch(url)).text())
}
