import { useSuspenseQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { ArtifactEntry } from '../../../contract/artifacts.ts'
import { count, given, size } from '../../lib/format.ts'
import { CodeBlock } from '../../ui/CodeBlock.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { PictureView } from '../../ui/FileTree.tsx'
import { JsonTree } from '../../ui/JsonTree.tsx'
import type { Column } from '../../ui/table-model.ts'
import { fileText, fileUrl, kindOf, nameOf, parseTable, previewBytes, type Owner } from './artifacts.ts'
import { isNumeric } from './run-words.ts'

/** What can be seen of a file without opening it elsewhere. */
export function ArtifactPreview({ owner, file }: { owner: Owner; file: ArtifactEntry }) {
  const kind = kindOf(file)
  if (kind === 'none') return <p>No preview for this kind of file, {size(file.size)}.</p>
  if (kind === 'picture') return <PictureView source={fileUrl(owner, file.path)} name={nameOf(file.path)} />
  return (
    <>
      <TextPreview owner={owner} file={file} />
      {file.size > previewBytes ? (
        <p>
          The first {size(previewBytes)} of {size(file.size)}; download it to see all.
        </p>
      ) : null}
    </>
  )
}

function TextPreview({ owner, file }: { owner: Owner; file: ArtifactEntry }) {
  const { data: text } = useSuspenseQuery(fileText(owner, file))
  const kind = kindOf(file)
  const json = useMemo(() => (kind === 'json' ? parsed(text) : undefined), [kind, text])
  if (text === '') return <p>The file is empty.</p>
  if (kind === 'table')
    return <CellPreview text={text} separator={file.path.toLowerCase().endsWith('.tsv') ? '\t' : ','} />
  return json === undefined ? <CodeBlock code={text.trimEnd()} /> : <JsonTree value={json} />
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface Cells {
  at: number
  cells: readonly string[]
}

function CellPreview({ text, separator }: { text: string; separator: string }) {
  const [heads, rows] = useMemo(() => {
    const [first = [], ...rest] = parseTable(text, separator)
    return [first, rest.map((cells, at): Cells => ({ at, cells }))] as const
  }, [text, separator])
  const columns = heads.map((head, place): Column<Cells> => {
    const numeric = rows.slice(0, 50).every(({ cells }) => (cells[place] ?? '') === '' || isNumeric(cells[place] ?? ''))
    const shown = (text: string | undefined) => (numeric && text ? given(Number(text)) : (text ?? '—'))
    return {
      id: `c${place}`,
      head: head || `column ${place + 1}`,
      right: numeric,
      drop: 1000 - place,
      cell: ({ cells }) => <span title={cells[place]}>{shown(cells[place])}</span>,
      value: ({ cells }) => (numeric && cells[place] ? Number(cells[place]) : cells[place]),
    }
  })
  return (
    <>
      <p>
        {count(rows.length)} rows, {count(heads.length)} columns
      </p>
      <DataTable name="rows" rows={rows} columns={columns} rowKey={({ at }) => String(at)} height={360} />
    </>
  )
}
