// Tells what Mainstay did, from what its API says: incidents, actions, rollouts, gates.
const dates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const wape = (value) => (typeof value === 'number' ? value.toFixed(3) : '—')

export function createStory({ api, endpoint, say }) {
  const told = new Set()
  const seen = {
    degraded: false,
    cause: false,
    retrained: false,
    promoted: 0,
    recovered: 0,
    strictBack: false,
    swappedBack: false,
    quarantined: false,
    lifted: false,
    heldWhileFrozen: false,
    outcomes: [],
  }
  let current = 0

  const story = {
    strict: false,
    swapped: false,
    act(number, title) {
      if (number <= current) return
      current = number
      say(`\nAct ${number}  ${title}`)
    },
    tell(time, sentence) {
      say(`  ${time === undefined ? '      ' : dates.format(time).padEnd(6)}  ${sentence}`)
    },

    async firstVersion() {
      const { items } = await api(`/models/${endpoint}/versions`)
      const gate = items[0]?.gates?.[0]
      story.tell(undefined, `Version 1 is live. Its gate: ${gate?.sentence ?? 'none'}`)
      const difference = items[0]?.onnx?.difference
      if (difference)
        story.tell(
          undefined,
          `Exported to ONNX; largest relative difference ${difference.max_rel.toExponential(1)} on ${difference.rows} rows of its input example.`,
        )
    },

    /** Everything new since the last boundary, as sentences. */
    async listen() {
      const { items: incidents } = await api(`/incidents?endpoint=${endpoint}`)
      const entries = []
      for (const { id } of incidents) {
        const incident = await api(`/incidents/${id}`)
        for (const entry of incident.entries)
          entries.push({ ...entry, incident, key: `${id}:${entry.kind}:${entry.title}:${entry.event_time}` })
      }
      entries.sort((a, b) => (a.event_time ?? a.at) - (b.event_time ?? b.at) || a.at - b.at)
      for (const entry of entries.filter(({ key }) => !told.has(key))) {
        told.add(entry.key)
        heard(entry)
      }
      const { items: rollouts } = await api(`/rollouts?endpoint=${endpoint}`)
      for (const rollout of rollouts.toReversed()) rolledOut(rollout)
      const { items: actions } = await api(`/actions?endpoint=${endpoint}`)
      for (const action of actions) acted(action)
    },

    async epilogue(summary, url) {
      story.act(5, 'The year in numbers')
      const monitor = await api(`/monitors/${endpoint}`)
      const judged = monitor.windows.filter((window) => window.value !== null)
      const inside = judged.filter((window) => window.state === 'healthy' || window.numbers.outside === false)
      story.tell(
        undefined,
        `${summary.predictions.toLocaleString('en-US')} predictions, ${summary.labels.toLocaleString('en-US')} labels; ${inside.length} of ${judged.length} weeks inside the limit of ${wape(monitor.limit)}.`,
      )
      const { items: actions } = await api(`/actions?endpoint=${endpoint}`)
      for (const action of actions.toReversed()) {
        story.tell(
          action.event_time,
          `${action.kind === 'retrain' ? 'Retraining' : 'Rollback'}: ${action.outcome_sentence ?? action.sentence}`,
        )
      }
      story.tell(undefined, monitor.sentence)
      const audit = await api('/audit/verify')
      story.tell(
        undefined,
        `The audit chain holds ${audit.records} records and is ${audit.intact ? 'intact' : `broken at ${audit.broken_at}`}.`,
      )
      if (!audit.intact) seen.auditBroken = true
      story.tell(undefined, `Look at ${url}/monitoring/${endpoint}`)
    },

    /** What the story must contain, and does not. */
    missing() {
      const acts = [
        [seen.degraded && seen.cause, 'act 3: performance left its limit, with a measured cause'],
        [seen.retrained && seen.promoted > 0, 'act 3: retrained, gated, rolled out and promoted by itself'],
        [seen.recovered > 0 || seen.outcomes.length > 0, 'act 3: said what the retraining changed'],
        [seen.strictBack, 'act 4: the version that fails on a new season was taken out by the data plane'],
        [seen.swappedBack, 'act 4: the version with swapped columns was stopped by the paired comparison'],
        [seen.quarantined && seen.lifted, 'act 4: the feed fault was quarantined and lifted'],
        [seen.auditBroken !== true, 'act 5: the audit chain is intact'],
      ]
      return acts.filter(([happened]) => !happened).map(([, act]) => act)
    },
  }

  function heard(entry) {
    const { incident } = entry
    const at = entry.event_time ?? entry.at
    if (incident.signal === 'performance' && entry.kind === 'opened') {
      story.act(3, 'Performance leaves its limit; Mainstay acts')
      seen.degraded = true
      seen.cause = incident.cause.length > 0
      story.tell(at, `Incident ${incident.number}: ${entry.text}`)
    } else if (entry.kind === 'quarantine') {
      seen.quarantined = true
      story.tell(at, `The feed broke: ${entry.text}`)
    } else if (entry.kind === 'lifted') {
      seen.lifted = true
      story.tell(at, entry.text)
    } else if (['action', 'gate', 'proposed', 'note'].includes(entry.kind))
      story.tell(at, `${entry.title}. ${entry.text}`)
    else if (
      entry.kind === 'follow_up' &&
      ['It helped', 'Better, but outside the limit', 'It did not help'].includes(entry.title)
    )
      story.tell(at, `${entry.title}. ${entry.text}`)
    else if (entry.kind === 'closed') story.tell(at, `Incident ${incident.number} closed: ${entry.text}`)
  }

  function rolledOut(rollout) {
    const version = `v${rollout.candidate}`
    const start = `${rollout.id}:start`
    if (!told.has(start)) {
      told.add(start)
      if (rollout.champion !== null)
        story.tell(
          rollout.started_event_time ?? undefined,
          `Rollout of ${version} begins: ${rollout.steps.map((step) => step.name).join(' → ')}.`,
        )
    }
    const end = `${rollout.id}:end`
    if (rollout.ended_at === null || rollout.champion === null || told.has(end)) return
    told.add(end)
    if (rollout.stage === 'promoted') {
      seen.promoted += 1
      story.tell(rollout.ended_event_time, `${version} is live. ${rollout.sentence}`)
      return
    }
    story.act(4, 'What goes wrong is stopped')
    story.tell(rollout.ended_event_time, `${version} is out. ${rollout.sentence}`)
    if (story.strict && /data plane took/.test(rollout.sentence)) seen.strictBack = true
    if (story.swapped && /predicts worse/.test(rollout.sentence)) seen.swappedBack = true
  }

  function acted(action) {
    if (action.kind === 'retrain' && action.run !== null) seen.retrained = true
    if (action.outcome === null || told.has(action.id)) return
    told.add(action.id)
    seen.outcomes.push(action.outcome)
    if (action.outcome === 'recovered') seen.recovered += 1
  }

  return story
}
