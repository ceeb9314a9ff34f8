import { useSuspenseQueries } from '@tanstack/react-query'
import { listArtifacts, type ArtifactEntry } from '../../../contract/artifacts.ts'
import { read } from '../../lib/api.ts'
import { useUrl } from '../../lib/url.ts'
import { Diff } from '../../ui/Diff.tsx'
import { Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { PickMenu } from '../../ui/PickMenu.tsx'
import { fileText, kindOf, nameOf } from './artifacts.ts'
import { namesOf, type NamedRun } from './metric-lines.ts'

/** Text files that two runs both have, line by line; looks into the first level of folders. */
export function ArtifactDiff({ runs }: { runs: readonly NamedRun[] }) {
  const [first, second] = runs
  if (!first || !second) return null
  return <TwoRuns pair={[first, second]} />
}

function useFiles(runs: readonly NamedRun[]): ArtifactEntry[][] {
  const tops = useSuspenseQueries({
    queries: runs.map(({ run }) => read(listArtifacts, { owner: 'run', id: run.id })),
  })
  const folders = runs.flatMap(({ run }, index) =>
    (tops[index]?.data.items ?? []).filter(({ folder }) => folder).map(({ path }) => ({ index, id: run.id, path })),
  )
  const inside = useSuspenseQueries({
    queries: folders.map(({ id, path }) => read(listArtifacts, { owner: 'run', id, folder: path })),
  })
  return runs.map((_, index) => [
    ...(tops[index]?.data.items ?? []),
    ...folders.flatMap((folder, place) => (folder.index === index ? (inside[place]?.data.items ?? []) : [])),
  ])
}

function TwoRuns({ pair }: { pair: readonly [NamedRun, NamedRun] }) {
  const [before = [], after = []] = useFiles(pair)
  // Of another size is another file for sure, so it is shown first.
  const isAlike = (file: ArtifactEntry): boolean =>
    after.some(({ path, size }) => path === file.path && size === file.size)
  // Rows of data differ everywhere and say little.
  const rank = (file: ArtifactEntry): number => Number(isAlike(file)) + (kindOf(file) === 'table' ? 2 : 0)
  const isText = (file: ArtifactEntry): boolean => !file.folder && !['none', 'picture'].includes(kindOf(file))
  const both = before
    .filter((file) => isText(file) && after.some(({ path }) => path === file.path))
    .toSorted((a, b) => rank(a) - rank(b) || a.size - b.size)
  const [asked, setAsked] = useUrl('file', '')
  const old = both.find(({ path }) => path === asked) ?? both[0]
  const now = after.find(({ path }) => path === old?.path)
  if (!old || !now) return null
  const names = namesOf(pair)
  return (
    <Section
      name={nameOf(old.path)}
      about={`${names[0]} → ${names[1]}`}
      actions={
        <PickMenu
          label="File"
          choices={both.map(({ path }) => ({ id: path, word: path }))}
          chosen={old.path}
          onChoose={setAsked}
        />
      }
    >
      <Panel key={old.path} rows={6}>
        <FileDiff pair={pair} old={old} now={now} />
      </Panel>
    </Section>
  )
}

interface FileDiffProps {
  pair: readonly [NamedRun, NamedRun]
  old: ArtifactEntry
  now: ArtifactEntry
}

function FileDiff({ pair, old, now }: FileDiffProps) {
  const [before, after] = useSuspenseQueries({
    queries: [fileText({ owner: 'run', id: pair[0].run.id }, old), fileText({ owner: 'run', id: pair[1].run.id }, now)],
  })
  return <Diff label={old.path} before={before.data} after={after.data} />
}
