import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { getOutputFile, listOutputFiles } from '../../../contract/pipelines.ts'
import { addressOf, read } from '../../lib/api.ts'
import { TextButton } from '../../ui/Button.tsx'

interface OutputFilesProps {
  run: string
  node: string
  output: string
  path: string
  /** Its files are listed when they are asked for. */
  folder: boolean
}

/** What a step left as a file, to be saved; of a folder, each file. */
export function OutputFiles({ run, node, output, path, folder }: OutputFilesProps) {
  const [open, setOpen] = useState(false)
  const { data } = useQuery({ ...read(listOutputFiles, { run, node, output }), enabled: folder && open })
  const link = (file: string) => (
    <a href={addressOf(getOutputFile, { run, node, output, path: file })} download={file.split('/').at(-1)}>
      <code>{file}</code>
    </a>
  )
  if (!folder) return link(path)
  return (
    <>
      <TextButton onClick={() => setOpen(!open)}>
        <code>{path}/</code> {open ? 'hide files' : 'show files'}
      </TextButton>
      {open && data ? (
        <ul>
          {data.items.map((file) => (
            <li key={file.path}>{link(file.path)}</li>
          ))}
        </ul>
      ) : null}
    </>
  )
}
