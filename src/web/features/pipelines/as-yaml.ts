const plainWord = /^[A-Za-z_./][\w ./@:-]*$/
const wordsOfYaml = /^(true|false|null|yes|no|on|off|~)$/i

const scalar = (value: unknown): string => {
  if (typeof value !== 'string') return JSON.stringify(value)
  return plainWord.test(value) &&
    !wordsOfYaml.test(value) &&
    !value.includes(': ') &&
    !value.endsWith(':') &&
    value.trim() === value
    ? value
    : JSON.stringify(value)
}

const isTree = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0

/** On one line where it is short, as people write small things. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (!isTree(value)) return typeof value === 'object' && value !== null ? '{}' : scalar(value)
  return `{ ${Object.entries(value)
    .map(([key, child]) => `${key}: ${inline(child)}`)
    .join(', ')} }`
}

const longestLine = 60

/** A value of JSON as YAML, to be read: mappings in blocks, small leaves on one line. */
export function asYaml(value: Readonly<Record<string, unknown>>, indent = ''): string {
  return Object.entries(value)
    .map(([key, child]) => {
      if (typeof child === 'string' && child.trimEnd().includes('\n')) {
        return `${indent}${key}: |\n${child
          .trimEnd()
          .split('\n')
          .map((line) => `${indent}  ${line}`)
          .join('\n')}`
      }
      const short = inline(child)
      if (!isTree(child) || (indent !== '' && short.length <= longestLine) || Array.isArray(child))
        return `${indent}${key}: ${short}`
      return `${indent}${key}:\n${asYaml(child as Record<string, unknown>, `${indent}  `)}`
    })
    .join('\n')
}
