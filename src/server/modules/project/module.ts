import type { ModuleParts } from '../../platform/module.ts'
import { projectRoutes } from './routes.ts'
import { sections } from './sections.ts'

/** Keeps no tables: what a mainstay.yaml declares is kept by the modules behind the sections. */
export function projectModule(): ModuleParts {
  return { routes: (app) => projectRoutes(app, sections) }
}
