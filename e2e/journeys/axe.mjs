import axe from 'axe-core'

/** All rules of WCAG A and AA and the good practices, or those given; one line for each that is broken. */
export async function brokenRules(page, rules) {
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null)
  await page.evaluate(axe.source)
  const found = await page.evaluate(
    async (only) =>
      (await window.axe.run(document, only ? { runOnly: { type: 'rule', values: only } } : {})).violations.map(
        ({ id, nodes }) => ({
          id,
          nodes: nodes.map(({ target, failureSummary }) => [target.join(' '), failureSummary]),
        }),
      ),
    rules,
  )
  return found.map(
    ({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0].join(', ').replace(/\s+/g, ' ').slice(0, 300)}`,
  )
}
