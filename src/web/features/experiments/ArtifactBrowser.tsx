import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { listArtifacts, type ArtifactEntry } from '../../../contract/artifacts.ts'
import { read } from '../../lib/api.ts'
import { size } from '../../lib/format.ts'
import { useUrl } from '../../lib/url.ts'
import { FileRow, FileTree } from '../../ui/FileTree.tsx'
import { Columns, Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { ArtifactPreview } from './ArtifactPreview.tsx'
import { fileUrl, kindOf, nameOf, type Owner } from './artifacts.ts'

export interface NamedOwner extends Owner {
  /** `run`, or the logged model's name. */
  name: string
}

interface Place {
  owner: NamedOwner
  file: ArtifactEntry
}

/** Files of a run and of its logged models; the chosen one stands in the URL as `file=model:id/path`. */
export function ArtifactBrowser({ owners }: { owners: readonly NamedOwner[] }) {
  const [chosen, setChosen] = useUrl('file', '')
  const [place, setPlace] = useState<Place>()
  return (
    <Columns left={34}>
      {[
        <Section key="files" name="Artifacts" about="files of the run and of its models">
          <FileTree label="Artifacts">
            {owners.map((owner) => (
              <Panel key={`${owner.owner}:${owner.id}`} rows={2}>
                <Folder
                  owner={owner}
                  folder=""
                  depth={owners.length > 1 ? 1 : 0}
                  head={owners.length > 1 ? owner.name : undefined}
                  chosen={chosen}
                  onFile={(file) => {
                    setPlace({ owner, file })
                    setChosen(`${owner.owner}:${owner.id}/${file.path}`)
                  }}
                />
              </Panel>
            ))}
          </FileTree>
        </Section>,
        <Panel key="preview" rows={8}>
          <Chosen chosen={chosen} place={place} owners={owners} />
        </Panel>,
      ]}
    </Columns>
  )
}

interface FolderProps {
  owner: NamedOwner
  folder: string
  depth: number
  /** A row over the files, when there are several owners. */
  head?: string | undefined
  chosen: string
  onFile: (file: ArtifactEntry) => void
}

function Folder(props: FolderProps) {
  const { owner, folder, head } = props
  const [open, setOpen] = useState(true)
  const { data } = useSuspenseQuery(read(listArtifacts, { owner: owner.owner, id: owner.id, folder }))
  const rows = data.items.map((entry) => <Entry key={entry.path} {...props} entry={entry} />)
  if (head !== undefined) {
    return (
      <FileRow
        name={head}
        folder
        open={open}
        depth={0}
        note={data.items.length === 0 ? 'no files' : ''}
        onPress={() => setOpen(!open)}
      >
        {rows}
      </FileRow>
    )
  }
  if (data.items.length === 0 && folder === '') return <li>No files were logged.</li>
  return <>{rows}</>
}

function Entry({ entry, ...props }: FolderProps & { entry: ArtifactEntry }) {
  const { owner, depth, chosen, onFile } = props
  const key = `${owner.owner}:${owner.id}/${entry.path}`
  const [open, setOpen] = useState(chosen.startsWith(`${key}/`))
  return (
    <FileRow
      name={nameOf(entry.path)}
      folder={entry.folder}
      open={entry.folder && open}
      chosen={chosen === key}
      note={entry.folder ? '' : size(entry.size)}
      depth={depth}
      onPress={() => (entry.folder ? setOpen(!open) : onFile(entry))}
    >
      {entry.folder && open ? (
        <Panel rows={1}>
          <Folder {...props} head={undefined} folder={entry.path} depth={depth + 1} />
        </Panel>
      ) : null}
    </FileRow>
  )
}

/** The chosen file; after a link was opened its size is looked up in its folder. */
function Chosen({
  chosen,
  place,
  owners,
}: {
  chosen: string
  place: Place | undefined
  owners: readonly NamedOwner[]
}) {
  const found = /^(run|model):([^/]+)\/(.+)$/.exec(chosen)
  const owner = owners.find((one) => one.owner === found?.[1] && one.id === found[2])
  const path = found?.[3]
  if (!owner || !path) return <Quiet>Choose a file to see it here.</Quiet>
  if (place?.owner.id === owner.id && place.file.path === path) return <Shown owner={owner} file={place.file} />
  return <LookedUp owner={owner} path={path} />
}

function LookedUp({ owner, path }: { owner: NamedOwner; path: string }) {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
  const { data } = useSuspenseQuery(read(listArtifacts, { owner: owner.owner, id: owner.id, folder }))
  const file = data.items.find((entry) => entry.path === path)
  return file ? <Shown owner={owner} file={file} /> : <p>There is no file {path} here.</p>
}

function Shown({ owner, file }: { owner: NamedOwner; file: ArtifactEntry }) {
  return (
    <Section
      name={nameOf(file.path)}
      about={`${size(file.size)}${kindOf(file) === 'none' ? '' : ` · ${kindOf(file)}`}`}
      actions={
        <a href={fileUrl(owner, file.path)} download={nameOf(file.path)}>
          Download
        </a>
      }
    >
      <Panel key={file.path} rows={8}>
        <ArtifactPreview owner={owner} file={file} />
      </Panel>
    </Section>
  )
}
