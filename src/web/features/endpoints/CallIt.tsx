import type { ServedEndpoint } from '../../../contract/serving.ts'
import type { Cell, Column, Signature } from '../../../contract/signature.ts'
import { CodeChoice } from '../../ui/CodeBlock.tsx'

export type Row = Readonly<Record<string, Cell>>

const samples: Record<Column['kind'], Cell> = { float: 0.5, int: 1, bool: true, string: 'word' }
const dtypes: Record<Column['kind'], string> = { float: 'FP64', int: 'INT64', bool: 'BOOL', string: 'BYTES' }

export const sampleRow = (signature: Signature): Row =>
  Object.fromEntries(signature.inputs.map((column) => [column.name, samples[column.kind]]))

const pythonCell = (cell: Cell): string =>
  cell === null ? 'None' : typeof cell === 'boolean' ? (cell ? 'True' : 'False') : JSON.stringify(cell)

/** An Open Inference Protocol request, one tensor per column. */
function bodyLines(signature: Signature, row: Row, literal: (cell: Cell) => string = JSON.stringify): string {
  const inputs = signature.inputs.map(({ name, kind }) => {
    const datatype = signature.onnx.inputs.find((tensor) => tensor.name === name)?.dtype ?? dtypes[kind]
    const cell = literal(row[name] ?? null)
    return `  {"name": ${JSON.stringify(name)}, "shape": [1, 1], "datatype": "${datatype}", "data": [${cell}]}`
  })
  return `{"inputs": [\n${inputs.join(',\n')}\n]}`
}

/** The same request in the languages people call it from. */
export function CallIt({ endpoint, row }: { endpoint: ServedEndpoint; row?: Row }) {
  const { signature, predict_url: url, name } = endpoint
  if (!signature) return null
  const values = row ?? sampleRow(signature)
  const body = bodyLines(signature, values)
  const shown = Object.entries(values)
    .map(([key, value]) => `${key}=${String(value ?? '')}`)
    .join(' ')
  return (
    <CodeChoice
      name="Call it"
      choices={[
        {
          word: 'curl',
          code: `curl ${url} \\\n  -H 'content-type: application/json' -d '${body.replaceAll("'", "'\\''")}'`,
        },
        { word: 'CLI', code: `mainstay predict ${name} ${shown}` },
        {
          word: 'Python',
          code: `import requests\n\nanswer = requests.post(\n    "${url}",\n    json=${bodyLines(signature, values, pythonCell)},\n).json()\nprint(answer["outputs"][0]["data"])`,
        },
        {
          word: 'TypeScript',
          code: `const answer = await fetch('${url}', {\n  method: 'POST',\n  headers: { 'content-type': 'application/json' },\n  body: JSON.stringify(${body}),\n})\nconsole.log((await answer.json()).outputs[0].data)`,
        },
      ]}
    />
  )
}
