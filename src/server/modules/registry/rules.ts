import { MainstayError } from '../../../contract/errors.ts'
import type { Stage } from './tables.ts'

/** A registered model's name is part of `models:/name/version` and `models:/name@alias`. */
export function assertModelName(name: string): void {
  if (name.trim() === '' || name.length > 256) {
    throw new MainstayError('registry.invalid_name', 'Missing or overlong value for the name of a registered model')
  }
  if (name === '.' || name === '..') {
    throw new MainstayError('registry.invalid_name', `Invalid model name: '${name}' means a folder in addresses`)
  }
  if (/[/:]/.test(name)) {
    throw new MainstayError(
      'registry.invalid_name',
      `Invalid model name: '${name}'. Registered model names cannot contain '/' or ':'.`,
    )
  }
}

export function assertAlias(alias: string): void {
  const refuse = (why: string): never => {
    throw new MainstayError('registry.invalid_name', `Invalid alias name: '${alias.slice(0, 300)}'. ${why}`)
  }
  if (alias === '' || alias.length > 255) refuse('It has 1 to 255 characters.')
  if (!/^[\p{L}\p{N}_-]+$/u.test(alias)) refuse('Use letters, digits, “_” and “-”.')
  if (alias.toLowerCase() === 'latest' || /^v\d+$/i.test(alias)) refuse('This name is reserved.')
}

export function assertTagKey(key: string, value: string): void {
  if (key === '' || key.length > 250) throw new MainstayError('request.invalid', 'A tag’s key has 1 to 250 characters')
  if (value.length > 100_000)
    throw new MainstayError('request.invalid', `The value of tag '${key}' exceeds 100000 characters`)
}

export function assertDescription(text: string): void {
  if (text.length > 100_000) throw new MainstayError('request.invalid', 'The description exceeds 100000 characters')
}

const stages: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived']

/** Stages are deprecated in MLflow but still in use; any case is understood. */
export function stageOf(text: string): Stage {
  const stage = stages.find((candidate) => candidate.toLowerCase() === text.toLowerCase())
  if (stage === undefined) {
    throw new MainstayError(
      'request.invalid',
      `Invalid Model Version stage: ${text.slice(0, 60)}. Value must be one of None, Staging, Production, Archived.`,
    )
  }
  return stage
}

export function versionNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new MainstayError(
      'request.invalid',
      `Invalid value '${text.slice(0, 60)}' for parameter 'version': a model version is a whole number`,
    )
  }
  return Number(text)
}
