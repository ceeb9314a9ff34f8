/** What the shell says beside the page: whose it is, and how many incidents are open (undefined while not known). */
export interface ShellData {
  project: string
  user: string
  role: string
  openIncidents: number | undefined
}

// @NOTE filled from the contract once identity and monitoring have their endpoints
export function useShellData(): ShellData {
  return { project: 'default', user: 'local', role: 'admin', openIncidents: undefined }
}
