import { chromium } from 'playwright-core'
import { ensureChromium } from '../../scripts/lib/tools.mjs'

const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 1024, height: 768 } }

/** One window on Mainstay that keeps what went wrong in it: console errors, uncaught ones, failed requests. */
export async function openBrowser(url) {
  const browser = await chromium.launch({ executablePath: await ensureChromium(), headless: true, args: switches })
  const context = await browser.newContext({ viewport: sizes.wide, colorScheme: 'light', reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const problems = []
  const note = (problem) => problems.push(`${new URL(page.url()).pathname}: ${problem}`)
  page.on('console', (message) => message.type() === 'error' && note(`console: ${message.text()}`))
  page.on('pageerror', (error) => note(`uncaught: ${error.message}`))
  page.on('response', (answer) => answer.status() >= 400 && note(`${answer.status()} ${answer.url()}`))
  page.on('requestfailed', (request) => {
    // Leaving a page ends its requests and its event stream.
    const why = request.failure()?.errorText ?? ''
    if (!why.includes('ERR_ABORTED')) note(`${why} ${request.url()}`)
  })
  return {
    page,
    /** What went wrong since it was asked last. */
    problems: () => problems.splice(0),
    /** Goes to a page and waits until it shows what it has. */
    async open(path) {
      await page.goto(url + path, { waitUntil: 'load' })
      await page.waitForFunction(() => {
        const title = document.querySelector('h1')?.textContent ?? '…'
        return title !== '…' && document.querySelector('[aria-busy="true"]') === null
      })
      return (await page.locator('h1').first().textContent()) ?? ''
    },
    text: async () => (await page.locator('#page').innerText()).replace(/\s+/g, ' '),
    /** How far the page or the window scrolls sideways, in pixels. */
    sideways: async () =>
      await page.evaluate(() => {
        const beyond = (element) => (element ? element.scrollWidth - element.clientWidth : 0)
        return Math.max(beyond(document.documentElement), beyond(document.querySelector('#page')))
      }),
    /** Whether some row of the chart is a line from side to side in the colour of a limit. */
    hasLimitLine: async () =>
      await page.evaluate(() =>
        [...document.querySelectorAll('canvas')].some((canvas) => {
          const { width, height } = canvas
          const pen = canvas.getContext('2d')
          if (!pen || width === 0 || height === 0) return false
          const { data } = pen.getImageData(0, 0, width, height)
          const isRed = (at) => data[at] > 140 && data[at] > data[at + 1] * 2 && data[at] > data[at + 2] * 2
          for (let y = 0; y < height; y += 1) {
            let red = 0
            for (let x = 0; x < width; x += 1) if (isRed((y * width + x) * 4)) red += 1
            if (red > width * 0.7) return true
          }
          return false
        }),
      ),
    close: () => browser.close(),
  }
}
