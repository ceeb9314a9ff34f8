// Tells what Mainstay did, from what its API says: incidents, actions, rollouts, gates.
const dates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const followUps = new Set(['It helped', 'Better, but outside the limit', 'It did not help'])
const figure = (value) => (typeof value === 'number' ? value.toFixed(3) : '—')

export class Story {
  #api
  #endpoint
  #say
  #told = new Set()
  #act = 0
  #strictVersion
  #swappedVersion
  #seen = new Set()

  constructor({ api, endpoint, say }) {
    this.#api = api
    this.#endpoint = endpoint
    this.#say = say
  }

  act(number, title) {
    if (number <= this.#act) return
    this.#act = number
    this.#say(`\nAct ${number}  ${title}`)
  }

  /** Ids in brackets are for looking things up, not for a story. */
  tell(time, sentence) {
    const told = sentence.replace(/ \([a-z]+_[0-9a-z]{26}\)/g, '')
    this.#say(`  ${(typeof time === 'number' ? dates.format(time) : '').padEnd(7)} ${told}`)
  }

  async firstVersion() {
    const { items } = await this.#api(`/models/${this.#endpoint}/versions`)
    const [version] = items
    this.tell(undefined, `Version 1 is live. Its gate: ${version?.gates?.[0]?.sentence ?? 'none'}`)
    const difference = version?.onnx?.difference
    if (!difference) return
    const size = difference.max_rel.toExponential(1)
    this.tell(
      undefined,
      `Exported to ONNX: largest relative difference ${size} on the ${difference.rows} rows of its input example.`,
    )
  }

  /** The newest version is a person's mistake; what becomes of it is asked at the end. */
  async notice(mistake) {
    const { items } = await this.#api(`/models/${this.#endpoint}/versions`)
    const newest = Math.max(...items.map((item) => item.version))
    if (mistake === 'strict') this.#strictVersion = newest
    else this.#swappedVersion = newest
  }

  /** Everything new since the last boundary, as sentences. */
  async listen() {
    const { items: incidents } = await this.#api(`/incidents?endpoint=${this.#endpoint}`)
    const entries = []
    for (const { id } of incidents) {
      const incident = await this.#api(`/incidents/${id}`)
      for (const entry of incident.entries) {
        entries.push({ ...entry, incident, key: `${id}:${entry.kind}:${entry.title}:${entry.event_time}` })
      }
    }
    entries.sort((a, b) => (a.event_time ?? a.at) - (b.event_time ?? b.at) || a.at - b.at)
    for (const entry of entries) this.#once(entry.key, () => this.#hear(entry))
    const { items: rollouts } = await this.#api(`/rollouts?endpoint=${this.#endpoint}`)
    for (const rollout of rollouts.toReversed()) this.#follow(rollout)
    const { items: actions } = await this.#api(`/actions?endpoint=${this.#endpoint}`)
    for (const action of actions) {
      if (action.kind === 'retrain' && action.run !== null) this.#seen.add('retrained')
      if (action.outcome !== null) this.#seen.add('outcome')
    }
  }

  async epilogue(summary, url) {
    this.act(5, 'The year in numbers')
    const monitor = await this.#api(`/monitors/${this.#endpoint}`)
    const judged = monitor.windows.filter((window) => window.value !== null && window.state !== 'quarantined')
    const inside = judged.filter((window) => window.numbers.outside === false)
    const sent = `${summary.predictions.toLocaleString('en-US')} predictions, ${summary.labels.toLocaleString('en-US')} labels`
    this.tell(
      undefined,
      `${sent}; ${inside.length} of ${judged.length} judged weeks were inside the limit of ${figure(monitor.limit)}.`,
    )
    const { items: actions } = await this.#api(`/actions?endpoint=${this.#endpoint}`)
    for (const action of actions.toReversed()) {
      const name = action.kind === 'retrain' ? 'Retraining' : 'Rollback'
      this.tell(action.event_time, `${name}: ${action.outcome_sentence ?? `${action.sentence} It has not ended yet.`}`)
    }
    this.tell(undefined, monitor.sentence)
    const audit = await this.#api('/audit/verify')
    const chain = audit.intact ? 'intact' : `broken at ${audit.broken_at}`
    this.tell(undefined, `The audit chain holds ${audit.records} records and is ${chain}.`)
    if (audit.intact) this.#seen.add('audit')
    if (judged.length > 0) this.#seen.add('year')
    this.tell(undefined, `Look at ${url}/monitoring/${this.#endpoint}`)
  }

  /** What the story must contain, and does not. */
  missing() {
    const acts = {
      degraded: 'act 3: performance left its limit, with a measured cause',
      retrained: 'act 3: a retraining was started by a rule',
      promoted: 'act 3: its version earned its traffic and was promoted',
      outcome: 'act 3: it was said what the retraining changed',
      strict: 'act 4: the data plane took out the version that fails on a new season',
      swapped: 'act 4: the paired comparison stopped the version with swapped columns',
      quarantined: 'act 4: the feed fault was quarantined',
      lifted: 'act 4: the quarantine lifted after the fault',
      year: 'act 5: the weeks of the year were judged',
      audit: 'act 5: the audit chain is intact',
    }
    return Object.entries(acts).flatMap(([name, act]) => (this.#seen.has(name) ? [] : [act]))
  }

  #once(key, tell) {
    if (this.#told.has(key)) return
    this.#told.add(key)
    tell()
  }

  #hear(entry) {
    const { incident } = entry
    const at = entry.event_time ?? entry.at
    if (incident.signal === 'performance' && entry.kind === 'opened') {
      this.act(3, 'Performance leaves its limit; Mainstay acts')
      if (incident.cause.length > 0) this.#seen.add('degraded')
      this.tell(at, `Incident ${incident.number}: ${entry.text}`)
    } else if (entry.kind === 'quarantine') {
      this.act(4, 'What goes wrong is stopped')
      this.#seen.add('quarantined')
      this.tell(at, `The feed broke: ${entry.text}`)
    } else if (entry.kind === 'lifted') {
      this.#seen.add('lifted')
      this.tell(at, entry.text)
    } else if (entry.kind === 'closed') this.tell(at, `Incident ${incident.number} closed: ${entry.text}`)
    else if (['action', 'gate', 'proposed', 'note'].includes(entry.kind) || followUps.has(entry.title)) {
      this.tell(at, `${entry.title}. ${entry.text}`)
    }
  }

  #follow(rollout) {
    if (rollout.champion === null) return
    const version = `v${rollout.candidate}`
    this.#once(`${rollout.id}:start`, () => {
      this.tell(
        rollout.started_event_time,
        `Rollout of ${version} begins: ${rollout.steps.map((step) => step.name).join(' → ')}.`,
      )
    })
    if (rollout.ended_at === null) return
    this.#once(`${rollout.id}:end`, () => {
      if (rollout.stage === 'promoted') {
        if (rollout.incident !== null) this.#seen.add('promoted')
        this.tell(rollout.ended_event_time, `${version} is live. ${rollout.sentence}`)
        return
      }
      this.act(4, 'What goes wrong is stopped')
      this.tell(rollout.ended_event_time, `${version} is out. ${rollout.sentence}`)
      if (rollout.candidate === this.#strictVersion && rollout.sentence.startsWith('The data plane took'))
        this.#seen.add('strict')
      if (rollout.candidate === this.#swappedVersion && rollout.sentence.startsWith('It predicts worse'))
        this.#seen.add('swapped')
    })
  }
}
