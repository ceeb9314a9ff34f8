import { z } from 'zod'
import type { Endpoint, StreamEndpoint } from '../../contract/endpoint.ts'
import { errorCatalogue } from '../../contract/errors.ts'
import { pathNames } from '../../contract/endpoint.ts'

type AnyEndpoint = Endpoint | StreamEndpoint

interface JsonSchema {
  properties?: Record<string, object>
  required?: string[]
  [key: string]: unknown
}

const schemaOf = (shape: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' }) as JsonSchema
  return schema
}

function operation(endpoint: AnyEndpoint): object {
  const input = schemaOf(endpoint.input, 'input')
  const inPath = new Set(pathNames(endpoint.path))
  const properties = Object.entries(input.properties ?? {})
  const rest = properties.filter(([name]) => !inPath.has(name))
  const required = new Set(input.required)
  const parameters = [...inPath].map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: input.properties?.[name] ?? { type: 'string' },
  }))
  const hasBody = endpoint.method !== 'GET' && endpoint.method !== 'DELETE'
  const query = hasBody
    ? []
    : rest.map(([name, schema]) => ({ name, in: 'query', required: required.has(name), schema }))
  const body = {
    ...input,
    properties: Object.fromEntries(rest),
    required: [...required].filter((name) => !inPath.has(name)),
  }
  const success =
    'output' in endpoint
      ? { 'application/json': { schema: schemaOf(endpoint.output, 'output') } }
      : Object.fromEntries(endpoint.contentTypes.map((type) => [type, {}]))
  return {
    operationId: endpoint.id,
    summary: endpoint.summary,
    tags: [endpoint.id.split('.')[0]],
    'x-permission': endpoint.permission,
    parameters: [...parameters, ...query],
    ...(hasBody && rest.length > 0
      ? { requestBody: { required: body.required.length > 0, content: { 'application/json': { schema: body } } } }
      : {}),
    responses: {
      200: { description: 'Done', content: success },
      default: {
        description: 'Refused',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

/** The OpenAPI 3.1 document of every endpoint of the contract. */
export function openApiDocument(endpoints: readonly AnyEndpoint[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:([A-Za-z]+)/g, '{$1}')
    ;(paths[path] ??= {})[endpoint.method.toLowerCase()] = operation(endpoint)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Mainstay', version },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message', 'next', 'details'],
              properties: {
                code: { enum: Object.keys(errorCatalogue) },
                message: { type: 'string' },
                next: { type: 'string' },
                details: { type: 'object' },
              },
            },
          },
        },
      },
    },
    security: [{}, { token: [] }],
  }
}
