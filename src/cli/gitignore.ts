/** One line of a .gitignore, as a test of paths relative to that file's folder. */
interface Rule {
  matches: RegExp
  isNegated: boolean
  isFolderOnly: boolean
}

/** The rules of one .gitignore, in its folder (a path relative to the root, '' for the root itself). */
export interface IgnoreFile {
  folder: string
  rules: Rule[]
}

export function parseIgnore(folder: string, text: string): IgnoreFile {
  return { folder, rules: text.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []) }
}

function parseLine(line: string): Rule | undefined {
  let pattern = line.replace(/(?<!\\)\s+$/, '')
  if (pattern === '' || pattern.startsWith('#')) return undefined
  const isNegated = pattern.startsWith('!')
  if (isNegated) pattern = pattern.slice(1)
  const isFolderOnly = pattern.endsWith('/')
  if (isFolderOnly) pattern = pattern.slice(0, -1)
  // A slash anywhere but at the end ties the pattern to the file's own folder.
  const isTied = pattern.includes('/')
  const body = toRegExp(pattern.replace(/^\//, ''))
  return { matches: new RegExp(`^${isTied ? '' : '(?:.*/)?'}${body}$`), isNegated, isFolderOnly }
}

/** `*` and `?` stay inside a name, `**` crosses folders, `[…]` is a set, a backslash takes the next character as it is. */
function toRegExp(pattern: string): string {
  let source = ''
  for (let i = 0; i < pattern.length; i += 1) {
    const c = pattern.charAt(i)
    if (pattern.startsWith('**/', i) && (i === 0 || pattern[i - 1] === '/')) {
      source += '(?:.*/)?'
      i += 2
    } else if (pattern.startsWith('/**', i) && i + 3 === pattern.length) {
      source += '/.+'
      i += 2
    } else if (c === '*') source += '[^/]*'
    else if (c === '?') source += '[^/]'
    else if (c === '[' && pattern.indexOf(']', i + 2) > 0) {
      const end = pattern.indexOf(']', i + 2)
      source += `[${pattern
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`
      i = end
    } else {
      const literal = c === '\\' ? pattern.charAt((i += 1)) : c
      source += literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    }
  }
  return source
}

/** Whether a path is ignored; the last rule that matches decides, and files nearer to the path come later in the list. */
export function isIgnored(files: readonly IgnoreFile[], path: string, isFolder: boolean): boolean {
  let ignored = false
  for (const { folder, rules } of files) {
    if (folder !== '' && !path.startsWith(`${folder}/`)) continue
    const own = folder === '' ? path : path.slice(folder.length + 1)
    for (const rule of rules) {
      if ((!rule.isFolderOnly || isFolder) && rule.matches.test(own)) ignored = !rule.isNegated
    }
  }
  return ignored
}
