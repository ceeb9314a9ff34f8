import type { ModuleParts } from '../../platform/module.ts'
import { projectRoutes } from './routes.ts'
import type { Section } from './section.ts'

export type { Section } from './section.ts'

/** Keeps no tables: what a mainstay.yaml declares is kept by the modules behind the sections. */
export function projectModule(sections: readonly Section[]): ModuleParts {
  return { routes: (app) => projectRoutes(app, sections) }
}
