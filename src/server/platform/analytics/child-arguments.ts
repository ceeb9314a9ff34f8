/** Arguments of Node for a child that runs our code: from sources, as in tests, it needs the loader that we have. */
export function childArguments(entry: string): string[] {
  const isLoaded = process.execArgv.some((argument) => argument.includes('tsx'))
  return entry.endsWith('.ts') && !isLoaded ? ['--import', 'tsx'] : process.execArgv
}
