/**
 * One catalogue: code → status → what the caller can do next. A code is stable; its text may improve.
 */
export const errorCatalogue = {
  'request.invalid': [400, 'Correct the fields named in details and send the request again.'],
  'request.malformed_json': [
    400,
    'Send a JSON body; bare NaN and Infinity are not JSON, use null for a missing value.',
  ],
  'request.too_deep': [400, 'Send JSON nested at most 64 levels deep.'],
  'request.too_large': [413, 'Send a smaller body, or split it into several requests.'],
  'request.wrong_content_type': [
    415,
    'Send the content type that this route names; for the API that is application/json.',
  ],
  'request.malformed_http': [400, 'Send well-formed HTTP/1.1 with one Host header and the true length of the body.'],
  'request.headers_too_large': [431, 'Send fewer or shorter headers; all of them together may have 16 KB.'],
  'request.timeout': [408, 'Send the whole request without long pauses.'],
  'request.unknown_route': [404, 'See /docs/api for the routes of this server.'],
  'request.method_not_allowed': [405, 'See /docs/api for the methods of this route.'],
  'access.unauthenticated': [401, 'Send a token: Authorization: Bearer <token>; `mainstay token create` makes one.'],
  'access.forbidden': [403, 'Ask an administrator for a token whose role holds the permission named in details.'],
  'access.foreign_host': [
    403,
    'Call the server by the address it listens on, or add the name with MAINSTAY_ALLOWED_HOSTS.',
  ],
  'access.foreign_origin': [403, 'Open the pages on the server’s own address; other web pages may not write to it.'],
  'platform.transaction_escaped': [500, 'This is a defect of Mainstay; please report it with the log.'],
  'platform.transaction_too_long': [500, 'This is a defect of Mainstay; please report it with the log.'],
  'platform.home_in_use': [409, 'Stop the other server with `mainstay down --home DIR`, or choose another --home.'],
  'platform.database_in_use': [
    409,
    'Stop the other server, or give this one a database of its own; several on one database are not supported yet.',
  ],
  'platform.port_in_use': [
    409,
    'Stop the program that uses the port, or choose another with --port or --predict-port.',
  ],
  'platform.unavailable': [503, 'Try again in a moment; /readyz says what is missing.'],
  'platform.database_damaged': [
    500,
    'Make a home of a backup with `mainstay restore`; to begin anew instead, move mainstay.db and objects/ away.',
  ],
  'platform.database_unreachable': [503, 'Start PostgreSQL, or correct MAINSTAY_DATABASE_URL.'],
  'home.not_found': [404, 'Name the folder of a Mainstay with --home.'],
  'home.records_elsewhere': [
    409,
    'Copy spool/ and plane/ first, then the database with pg_dump, then objects/: docs/guides/operations.md.',
  ],
  'home.target_in_use': [409, 'Name a folder that is empty or does not exist.'],
  'home.not_a_backup': [400, 'Name a folder that `mainstay backup` has finished.'],
  'home.damaged': [409, 'Take another backup; this one cannot be trusted.'],
  'platform.internal': [500, 'Look at the server’s log for the request id in details, and report it.'],
  'platform.invalid_config': [
    400,
    'Correct the setting named in the message; docs/reference/config.md lists all settings.',
  ],
  'platform.object_not_found': [404, 'The object was never stored or has been collected; store it again.'],
  'platform.path_escapes_root': [400, 'Use a relative path without “..”.'],
  'identity.token_not_found': [404, '`mainstay token list` shows the tokens.'],
  'artifacts.not_found': [404, 'List the folder to see which files exist.'],
  'artifacts.frozen': [409, 'Log a new model or register a new version; a finished tree does not change.'],
  'experiments.not_found': [404, 'Search experiments to see which exist.'],
  'experiments.name_taken': [400, 'Choose another name, or use the experiment that has it.'],
  'experiments.run_not_found': [404, 'Search runs to see which exist.'],
  'experiments.run_deleted': [400, 'Restore the run first.'],
  'experiments.param_conflict': [400, 'A parameter is written once; log another key or start another run.'],
  'experiments.logged_model_not_found': [404, 'Search logged models to see which exist.'],
  'experiments.invalid_filter': [400, 'Correct the filter at the place that the message names.'],
  'mlflow.not_implemented': [501, 'Use the part of MLflow that docs/guides/mlflow.md lists, or Mainstay’s own API.'],
  'registry.model_not_found': [404, '`mainstay models list` shows the registered models.'],
  'registry.model_exists': [400, 'Use the model that has this name, or choose another.'],
  'registry.version_not_found': [404, '`mainstay models show NAME` lists the versions.'],
  'registry.alias_not_found': [404, '`mainstay models show NAME` lists the aliases.'],
  'registry.invalid_source': [400, 'Name a source that belongs to the run or logged model beside it.'],
  'registry.invalid_name': [400, 'Use letters, digits, “-”, “_” and “.”; no “/” or “:”.'],
  'registry.version_not_ready': [409, 'Wait until the version is READY, or read why its registration failed.'],
  'registry.version_in_use': [409, 'Deploy another version there first, or end the rollout it is in.'],
  'pipelines.not_found': [404, '`mainstay pipelines list` shows the pipelines.'],
  'pipelines.run_not_found': [404, '`mainstay pipelines runs` shows the runs.'],
  'pipelines.invalid_definition': [400, 'Correct the place that the message names.'],
  'pipelines.not_cancellable': [409, 'The run has already ended.'],
  'pipelines.not_retryable': [409, 'Start a new run; only a failed or cancelled run is run again.'],
  'pipelines.attempt_not_found': [404, 'Open the pipeline run; its steps list their attempts.'],
  'pipelines.output_not_found': [404, 'GET /api/v1/pipeline-runs/RUN names what each step left.'],
  'pipelines.node_not_found': [404, '`mainstay pipelines logs RUN` shows the steps of a run.'],
  'serving.endpoint_not_found': [
    404,
    '`mainstay endpoints list` shows the endpoints; `mainstay deploy MODEL --endpoint NAME` makes one, or declare it under endpoints: in mainstay.yaml.',
  ],
  'serving.model_not_found': [404, 'GET /v2/models lists what this server serves.'],
  'serving.no_onnx': [
    409,
    'Register the model with an input example and a flavor that exports to ONNX (scikit-learn, or an ONNX model).',
  ],
  'serving.invalid_input': [400, 'Send the tensors that GET /v2/models/NAME describes.'],
  'serving.binary_unsupported': [
    400,
    'Send the tensors as JSON: with tritonclient, set_data_from_numpy(…, binary_data=False).',
  ],
  'serving.missing_value': [400, 'The model’s signature allows no missing values in this column; send a number.'],
  'serving.id_reused': [409, 'An id names one prediction; send a new id for other inputs.'],
  'serving.future_event_time': [
    400,
    'Send an event time no later than five minutes from now, in RFC 3339 or milliseconds.',
  ],
  'serving.overloaded': [503, 'Wait for the seconds in Retry-After and send the request again.'],
  'serving.deadline_exceeded': [503, 'Allow more time, or send fewer rows in a request.'],
  'serving.model_failed': [500, 'The model could not compute this row; see the endpoint’s errors.'],
  'serving.capture_required': [
    503,
    'The prediction log cannot be written (is the disk full?); this endpoint answers only what it can log.',
  ],
  'serving.invalid_label': [400, 'Send {"labels": [{"id", "value", "at"?}]} with a number or a class as value.'],
  'rollouts.not_found': [404, '`mainstay rollouts list` shows the rollouts.'],
  'rollouts.in_progress': [409, 'Wait for the rollout in progress, or end it with promote or rollback.'],
  'rollouts.ended': [409, 'The rollout has ended; start another with `mainstay deploy`.'],
  'rollouts.no_previous': [409, 'There is no earlier healthy version to go back to.'],
  'monitoring.not_found': [404, '`mainstay monitor list` shows the monitors.'],
  'monitoring.incident_not_found': [404, '`mainstay incidents list` shows the incidents.'],
  'monitoring.incident_closed': [409, 'The incident is closed already.'],
  'automation.rule_not_found': [404, '`mainstay automation list` shows the rules.'],
  'automation.action_not_found': [404, 'The Automation page lists the actions.'],
  'automation.action_not_open': [409, 'The action was already decided.'],
  'project.invalid': [400, 'Correct the line and field that the message names.'],
  'project.too_large': [413, 'Exclude data and environments with .gitignore; a project’s code is at most 50 MB.'],
} as const satisfies Record<string, readonly [status: number, next: string]>

export type ErrorCode = keyof typeof errorCatalogue

/** The one error that Mainstay throws on purpose: a refusal with a code, a sentence and what to do next. */
export class MainstayError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'MainstayError'
    this.code = code
    this.details = details
  }

  get status(): number {
    return errorCatalogue[this.code][0]
  }

  get next(): string {
    return errorCatalogue[this.code][1]
  }

  toBody(): ErrorBody {
    return { error: { code: this.code, message: this.message, next: this.next, details: this.details } }
  }
}

export interface ErrorBody {
  error: { code: string; message: string; next: string; details: Readonly<Record<string, unknown>> }
}
