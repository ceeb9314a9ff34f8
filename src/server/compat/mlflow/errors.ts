import type { FastifyReply } from 'fastify'
import type { ErrorCode, MainstayError } from '../../../contract/errors.ts'

/** The paths whose errors are MLflow's; the artifact proxy and the plain routes are among them. */
const mlflowPaths =
  /^\/((ajax-)?api\/[23]\.0\/?mlflow|get-artifact|model-versions\/get-artifact|graphql|v1\/traces|gateway\/)/

const exact: Partial<Record<ErrorCode, readonly [status: number, code: string]>> = {
  'experiments.name_taken': [400, 'RESOURCE_ALREADY_EXISTS'],
  'registry.model_exists': [400, 'RESOURCE_ALREADY_EXISTS'],
  'registry.alias_not_found': [400, 'INVALID_PARAMETER_VALUE'],
  'request.unknown_route': [404, 'ENDPOINT_NOT_FOUND'],
  'request.malformed_json': [400, 'BAD_REQUEST'],
  'request.wrong_content_type': [400, 'BAD_REQUEST'],
  'mlflow.not_implemented': [501, 'NOT_IMPLEMENTED'],
}

const byStatus: Readonly<Record<number, string>> = {
  400: 'INVALID_PARAMETER_VALUE',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  405: 'BAD_REQUEST',
  409: 'RESOURCE_CONFLICT',
  413: 'INVALID_PARAMETER_VALUE',
  415: 'BAD_REQUEST',
  500: 'INTERNAL_ERROR',
  503: 'TEMPORARILY_UNAVAILABLE',
}

/** A refusal in MLflow's shape. The client repeats 429 and 5xx for minutes, so what is certain is never one of those. */
export const mlflowErrors = {
  prefix: mlflowPaths,
  send(error: MainstayError, reply: FastifyReply): void {
    const [status, code] = exact[error.code] ?? [error.status, byStatus[error.status] ?? 'INTERNAL_ERROR']
    if (status === 401) reply.header('www-authenticate', 'Basic realm="mlflow"')
    void reply.status(status).send({ error_code: code, message: error.message })
  },
}
