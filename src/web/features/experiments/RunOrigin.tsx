import { Link } from '@tanstack/react-router'
import type { LoggedModel, Run } from '../../../contract/experiments.ts'
import { StepLink } from '../../lib/StepLink.tsx'
import { KeyValue, type Fact } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { Mono } from '../../ui/Time.tsx'
import { versionsOf } from './became.ts'
import { shortId, tagOf } from './run-words.ts'

function codeFact(run: Run): Fact {
  const commit = tagOf(run, 'mlflow.source.git.commit')
  const source = tagOf(run, 'mlflow.source.name')
  return {
    key: 'Code',
    value: commit ? (
      <span title={commit}>
        <Mono>{`git ${commit.slice(0, 7)}`}</Mono>
      </span>
    ) : (
      'no commit recorded'
    ),
    ...(source ? { note: source } : {}),
  }
}

const datasetFacts = (run: Run): Fact[] =>
  run.datasets.length === 0
    ? [{ key: 'Data', value: 'no dataset logged' }]
    : run.datasets.map(({ name, digest, context, source }) => ({
        key: context ? `Data, ${context}` : 'Data',
        value: (
          <span title={source}>
            <Mono>{`${name}@${digest.slice(0, 8)}`}</Mono>
          </span>
        ),
      }))

function modelFact(model: LoggedModel): Fact {
  const versions = versionsOf(model)
  return {
    key: model.name === 'model' ? 'Model' : `Model ${model.name}`,
    value:
      versions.length === 0
        ? 'not registered'
        : versions.map(({ name, version }) => (
            <Link key={`${name} ${version}`} to="/models/$name" params={{ name }} search={{ version }}>
              {name} v{version}{' '}
            </Link>
          )),
    note: model.status === 'READY' ? '' : model.status.toLowerCase(),
  }
}

/** Where the run came from and what it became. */
export function RunOrigin({ run, models }: { run: Run; models: readonly LoggedModel[] | undefined }) {
  const parent = tagOf(run, 'mlflow.parentRunId')
  const tags = run.tags.filter(({ key }) => !key.startsWith('mlflow.'))
  const facts: Fact[] = [
    {
      key: 'Pipeline step',
      value: run.attempt ? <StepLink attempt={run.attempt} /> : 'none, started by hand',
    },
    ...(parent
      ? [
          {
            key: 'Parent run',
            value: (
              <Link to="/runs/$id" params={{ id: parent }}>
                <Mono>{shortId(parent)}</Mono>
              </Link>
            ),
          },
        ]
      : []),
    codeFact(run),
    ...datasetFacts(run),
    ...(models ?? []).map(modelFact),
    ...(models?.length === 0 ? [{ key: 'Model', value: 'none logged' }] : []),
    ...tags.map(({ key, value }) => ({ key, value: <span title={value}>{value.slice(0, 200)}</span>, note: 'tag' })),
  ]
  return (
    <Section name="Came from, became">
      <KeyValue facts={facts} />
    </Section>
  )
}
