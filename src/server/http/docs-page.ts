import type { Endpoint, StreamEndpoint } from '../../contract/endpoint.ts'

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const style = `
:root{color-scheme:light dark;--bg:#fff;--sub:#f7f8fa;--line:#eef0f3;--t1:#171a1f;--t2:#4a5361;--accent:#2a5bd7}
@media(prefers-color-scheme:dark){:root{--bg:#101317;--sub:#161a20;--line:#20262e;--t1:#e9ecf0;--t2:#b0b8c4;--accent:#82a8ff}}
body{margin:0 auto;max-width:1100px;padding:24px;background:var(--bg);color:var(--t1);font:13px/20px Inter,system-ui,sans-serif}
h1{font-size:20px;line-height:28px}h2{font-size:13px;margin:24px 0 8px}a{color:var(--accent)}
table{width:100%;border-collapse:collapse}td{border-top:1px solid var(--line);padding:6px 12px 6px 0;vertical-align:top}
code{font:11.5px/20px "JetBrains Mono",ui-monospace,monospace}td:last-child{color:var(--t2)}`

/** The API page: every operation with its permission; the full shapes are in the OpenAPI document. */
export function docsPage(endpoints: readonly (Endpoint | StreamEndpoint)[]): string {
  const rooms = groupByRoom(endpoints)
  const sections = [...rooms].map(([room, items]) => {
    const rows = items.map(
      (e) =>
        `<tr id="${e.id}"><td><code>${e.method}</code></td><td><code>${escape(e.path)}</code></td><td>${escape(e.summary)}</td><td><code>${e.permission}</code></td></tr>`,
    )
    return `<h2>${room}</h2><table>${rows.join('')}</table>`
  })
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Mainstay API</title><style>${style}</style><h1>Mainstay API</h1><p>The same operations serve the pages and the command line. Shapes and errors: <a href="/docs/api.json">OpenAPI 3.1</a>.</p>${sections.join('')}</html>`
}

function groupByRoom<T extends { id: string }>(items: readonly T[]): Map<string, T[]> {
  const rooms = new Map<string, T[]>()
  for (const item of items) {
    const room = item.id.split('.')[0] ?? ''
    rooms.set(room, [...(rooms.get(room) ?? []), item])
  }
  return rooms
}
