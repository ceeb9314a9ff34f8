import type { FastifyRequest } from 'fastify'
import { MainstayError } from '../../contract/errors.ts'

export const unknownRoute = ({ method, url }: FastifyRequest): MainstayError =>
  new MainstayError('request.unknown_route', `${method} ${url.slice(0, 200)} is no route of this server`)
