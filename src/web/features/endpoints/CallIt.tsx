import type { ServedEndpoint } from '../../../contract/serving.ts'
import type { Cell, Column, Signature } from '../../../contract/signature.ts'
import { clock, day } from '../../lib/format.ts'
import { fromHere } from '../../lib/url.ts'
import { CodeChoice } from '../../ui/CodeBlock.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { useExampleRow, type Row } from './example-row.ts'

const dtypes: Record<Column['kind'], string> = { float: 'FP64', int: 'INT64', bool: 'BOOL', string: 'BYTES' }

const pythonCell = (cell: Cell): string =>
  cell === null ? 'None' : typeof cell === 'boolean' ? (cell ? 'True' : 'False') : JSON.stringify(cell)

/** An Open Inference Protocol request, one tensor per column. */
function bodyLines(signature: Signature, row: Row, literal: (cell: Cell) => string = JSON.stringify): string {
  const inputs = signature.inputs.map(({ name, kind }) => {
    const datatype = signature.onnx.inputs.find((tensor) => tensor.columns.includes(name))?.dtype ?? dtypes[kind]
    const cell = literal(row[name] ?? null)
    return `  {"name": ${JSON.stringify(name)}, "shape": [1, 1], "datatype": "${datatype}", "data": [${cell}]}`
  })
  return `{"inputs": [\n${inputs.join(',\n')}\n]}`
}

const shellWord = (text: string): string => (/^[\w.:@%+-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

interface CallItProps {
  endpoint: ServedEndpoint
  row: Row
  /** Where the row comes from; stands above the call. */
  comment?: string
}

/** The same request in the languages people call it from. */
export function CallIt({ endpoint, row, comment }: CallItProps) {
  const { signature, name } = endpoint
  if (!signature) return null
  const url = fromHere(endpoint.predict_url)
  const body = bodyLines(signature, row)
  const cells = Object.entries(row).map(([key, value]) => shellWord(`${key}=${String(value ?? '')}`))
  const first = (mark: string): string => (comment ? `${mark} ${comment}\n` : '')
  return (
    <CodeChoice
      name="Call it"
      choices={[
        {
          word: 'curl',
          code: `${first('#')}curl ${url} \\\n  -H 'content-type: application/json' -d '${body.replaceAll("'", "'\\''")}'`,
        },
        { word: 'CLI', code: `${first('#')}mainstay predict ${name} ${cells.join(' ')}` },
        {
          word: 'Python',
          code: `${first('#')}import requests\n\nanswer = requests.post(\n    "${url}",\n    json=${bodyLines(signature, row, pythonCell)},\n).json()\nprint(answer["outputs"][0]["data"])`,
        },
        {
          word: 'TypeScript',
          code: `${first('//')}const answer = await fetch('${url}', {\n  method: 'POST',\n  headers: { 'content-type': 'application/json' },\n  body: JSON.stringify(${body}),\n})\nconsole.log((await answer.json()).outputs[0].data)`,
        },
      ]}
    />
  )
}

/** Ready to be run as it stands: with the newest row that was really asked. */
export function CallExample({ endpoint }: { endpoint: ServedEndpoint }) {
  const example = useExampleRow(endpoint)
  if (!endpoint.signature) return null
  if (!example) return <Skeleton rows={12} />
  const { row, captured } = example
  return (
    <CallIt
      endpoint={endpoint}
      row={row}
      comment={
        captured
          ? `the newest captured row, ${day(captured.at)} ${clock(captured.at)}; v${captured.version} answered it`
          : 'made-up values, until a first row is captured'
      }
    />
  )
}
