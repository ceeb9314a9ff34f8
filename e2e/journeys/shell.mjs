import { openMainstay, until } from '../lib/mainstay.mjs'
import { openBrowser } from './browser.mjs'
import { must } from './must.mjs'

/** Everything is reached by keys: the palette, the filter line, cells of a table, and back out of each. */
export async function useKeys({ browser: { page, open } }) {
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')
  await open('/experiments')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search or jump to' }).fill('pipelines')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/pipelines$/)
  await page.getByLabel('Filter pipelines').waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.keyboard.press('/')
  must((await focused()) === 'Filter pipelines', `“/” went to “${await focused()}”`)
  await page.keyboard.type('nothing is called this')
  await page.getByText('No pipelines fit the filter.').waitFor()
  await page.keyboard.press('Escape')
  must((await focused()) === '', 'Escape did not leave the filter line')

  await open('/')
  await page.keyboard.press('Tab')
  must(await page.getByRole('link', { name: 'Skip to the page' }).isVisible(), 'the first Tab does not offer to skip')
  await page.locator('[data-cell="0.0"]').focus()
  await page.keyboard.press('ArrowRight')
  must(
    await page.locator('[data-cell="0.1"]').evaluate((cell) => cell === document.activeElement),
    'arrows do not move',
  )
}

/** A wrong address says so in a page to a person, in JSON to a program. */
export async function goAstray({ browser: { page, problems } }) {
  const url = new URL('/nowhere', page.url()).href
  await page.goto(url)
  await page.getByRole('heading', { name: 'There is no page at this address' }).waitFor()
  must(
    problems().every((problem) => problem.includes('404')),
    'the page of a wrong address is broken itself',
  )
  const { error } = await (await fetch(url)).json()
  must(error.code === 'request.unknown_route', 'a program is not told that there is no such route')
  await page.goto(new URL('/monitoring/nobody', page.url()).href)
  await page.getByRole('heading', { name: 'No monitor watches nobody.' }).waitFor()
}

/** A server beyond loopback shows its pages to nobody but the holder of a token, and prints the first one itself. */
export async function signInAndOut() {
  const mainstay = await openMainstay('sign-in', { host: '0.0.0.0' })
  let browser
  try {
    await mainstay.up()
    const token = await until('the first token', () => /^token\s+(ms_\S+)/m.exec(mainstay.printed())?.[1])
    must((await fetch(`${mainstay.url}/api/v1/models`)).status === 401, 'the API answers without a token')
    browser = await openBrowser(mainstay.url)
    const { page } = browser
    const asked = page.getByRole('heading', { name: 'Sign in to Mainstay' })
    await page.goto(`${mainstay.url}/models`)
    await page.getByLabel('API token').fill('ms_wrong')
    await page.keyboard.press('Enter')
    await page.getByText('No such token').waitFor()
    await page.getByLabel('API token').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
    must((await page.evaluate(() => document.cookie)) === '', 'a script can read the session')
    await page.reload()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await asked.waitFor()
    must((await page.context().cookies()).length === 0, 'the session outlives signing out')
  } finally {
    await browser?.close()
    await mainstay.remove()
  }
}
