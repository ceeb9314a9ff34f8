import { useQuery } from '@tanstack/react-query'
import { listRunModels, type LoggedModel } from '../../../contract/experiments.ts'
import { read } from '../../lib/api.ts'
import { tagOf } from './run-words.ts'

export interface VersionName {
  name: string
  version: string
}

/** The registered versions that a logged model became: MLflow writes them into its tag. */
export function versionsOf(model: Pick<LoggedModel, 'tags'>): VersionName[] {
  try {
    const listed = JSON.parse(tagOf(model, 'mlflow.modelVersions') ?? '[]') as unknown
    if (!Array.isArray(listed)) return []
    const named = listed.flatMap((one: Partial<Record<keyof VersionName, unknown>>) =>
      typeof one.name === 'string' ? [{ name: one.name, version: String(one.version) }] : [],
    )
    return [...new Map(named.map((one) => [`${one.name} ${one.version}`, one])).values()]
  } catch {
    return []
  }
}

/** The logged models of a run; undefined until they are known. */
export const useRunModels = (run: string): readonly LoggedModel[] | undefined =>
  useQuery(read(listRunModels, { id: run })).data?.items
