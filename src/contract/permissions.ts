/** What a caller may do. Every endpoint names exactly one, so nothing is open by forgetting. */
export const permissions = [
  'public',
  'identity.read',
  'identity.write',
  'audit.read',
  'artifacts.read',
  'artifacts.write',
  'experiments.read',
  'experiments.write',
  'registry.read',
  'registry.write',
  'registry.promote',
  'pipelines.read',
  'pipelines.write',
  'serving.read',
  'serving.write',
  'serving.label',
  'serving.predict',
  'rollouts.read',
  'rollouts.write',
  'monitoring.read',
  'monitoring.write',
  'automation.read',
  'automation.write',
  'project.apply',
  'system.read',
  'system.write',
] as const

export type Permission = (typeof permissions)[number]

export const roles = {
  admin: permissions,
  editor: permissions.filter((permission) => !permission.startsWith('identity.')),
  /** What a pipeline step's own token may do: log its work, read what it needs; never deploy or promote. */
  step: [
    'experiments.read',
    'experiments.write',
    'artifacts.read',
    'artifacts.write',
    'registry.read',
    'registry.write',
    'serving.read',
  ],
  viewer: permissions.filter((permission) => permission.endsWith('.read') && !permission.startsWith('identity.')),
} as const satisfies Record<string, readonly Permission[]>

export type Role = keyof typeof roles

/** `nobody` is who has not said who they are: what is public, and nothing else. */
export function allows(role: Role | 'nobody', permission: Permission): boolean {
  const granted: readonly Permission[] = role === 'nobody' ? [] : roles[role]
  return permission === 'public' || granted.includes(permission)
}
