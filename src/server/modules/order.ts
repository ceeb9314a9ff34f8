/** The modules from ground to roof: each may import the faces of those before it, never of those after. */
export const moduleOrder = [
  'audit',
  'identity',
  'artifacts',
  'experiments',
  'registry',
  'pipelines',
  'serving',
  'rollouts',
  'monitoring',
  'automation',
  'project',
] as const
