/** What MLflow's client prints after a run, and the page that shows it here. */
const printed: readonly [RegExp, (found: RegExpExecArray) => string][] = [
  [/^#\/experiments\/\d+\/runs\/([\w-]+)/, ([, run]) => `/runs/${run}`],
  [/^#\/experiments\/(\d+)/, ([, experiment]) => `/experiments/${experiment}`],
  [/^#\/models\/([^/?]+)\/versions\/(\d+)/, ([, model, version]) => `/models/${model}?version=${version}`],
  [/^#\/models\/([^/?]+)/, ([, model]) => `/models/${model}`],
]

/** Opens `/#/experiments/1/runs/…` as `/runs/…`, so that the links in a terminal work. */
export function followPrintedLink(): void {
  for (const [shape, pageOf] of printed) {
    const found = shape.exec(location.hash)
    if (!found) continue
    history.replaceState(null, '', pageOf(found))
    return
  }
}
