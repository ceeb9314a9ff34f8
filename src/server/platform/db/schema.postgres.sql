api_token.id text collate C not null
api_token.project_id text collate C not null
api_token.name text collate C not null
api_token.role text collate C not null
api_token.digest text collate C not null
api_token.attempt text collate C
api_token.created_at bigint not null
api_token.expires_at bigint
artifact.owner text collate C not null
artifact.project_id text collate C not null
artifact.path text collate C not null
artifact.digest text collate C not null
artifact.size bigint not null
artifact.updated_at bigint not null
artifact_freeze.owner text collate C not null
artifact_freeze.project_id text collate C not null
artifact_freeze.tree text collate C not null
artifact_freeze.frozen_at bigint not null
artifact_tree.digest text collate C not null
artifact_tree.project_id text collate C not null
artifact_tree.files bigint not null
artifact_tree.size bigint not null
artifact_tree.created_at bigint not null
audit_record.id bigint not null
audit_record.project_id text collate C not null
audit_record.at bigint not null
audit_record.actor text collate C not null
audit_record.action text collate C not null
audit_record.subject text collate C not null
audit_record.details text not null
audit_record.previous text collate C not null
audit_record.digest text collate C not null
automation_action.id text collate C not null
automation_action.project_id text collate C not null
automation_action.rule text collate C not null
automation_action.endpoint text collate C not null
automation_action.incident text collate C
automation_action.kind text collate C not null
automation_action.state text collate C not null
automation_action.sentence text collate C not null
automation_action.outcome text collate C
automation_action.outcome_sentence text collate C
automation_action.run text collate C
automation_action.rollout text collate C
automation_action.params text not null
automation_action.numbers text not null
automation_action.at bigint not null
automation_action.event_time bigint not null
automation_action.promoted_at bigint
automation_action.ended_at bigint
automation_action.ended_event_time bigint
automation_action.key text collate C not null
automation_switch.id bigint not null
automation_switch.enabled integer not null
automation_switch.reason text collate C not null
automation_switch.at bigint not null
capture_segment.replica text collate C not null
capture_segment.sequence bigint not null
capture_segment.endpoint text collate C not null
capture_segment.digest text collate C not null
capture_segment.rows bigint not null
capture_segment.min_time bigint not null
capture_segment.max_time bigint not null
capture_segment.ingested_at bigint not null
change_marker.endpoint text collate C not null
change_marker.at bigint not null
change_marker.kind text collate C not null
change_marker.label text collate C not null
change_marker.link text collate C
change_marker.changes_live integer not null
dataset.id bigint not null
dataset.experiment bigint not null
dataset.name text collate C not null
dataset.digest text collate C not null
dataset.source_type text collate C not null
dataset.source text collate C not null
dataset.schema text collate C
dataset.profile text collate C
decision.id text collate C not null
decision.at bigint not null
decision.event_time bigint not null
decision.rule text collate C not null
decision.endpoint text collate C not null
decision.verdict text collate C not null
decision.sentence text collate C not null
decision.numbers text not null
decision.action text collate C
decision.key text collate C not null
draw_hour.endpoint text collate C not null
draw_hour.hour bigint not null
draw_hour.version bigint not null
draw_hour.slice bigint not null
draw_hour.n bigint not null
draw_hour.weight double precision not null
draw_hour.abs_error double precision
draw_hour.squared_error double precision
draw_hour.log_loss double precision
draw_hour.wrong double precision not null
draw_hour.abs_actual double precision
endpoint.name text collate C not null
endpoint.project_id text collate C not null
endpoint.spec text not null
endpoint.salt text collate C not null
endpoint.error_test text
endpoint.created_at bigint not null
endpoint.updated_at bigint not null
endpoint_variant.endpoint text collate C not null
endpoint_variant.name text collate C not null
endpoint_variant.model text collate C not null
endpoint_variant.version bigint not null
endpoint_variant.weight double precision not null
endpoint_variant.role text collate C not null
endpoint_variant.since bigint not null
endpoint_watermark.endpoint text collate C not null
endpoint_watermark.replica text collate C not null
endpoint_watermark.watermark bigint not null
endpoint_watermark.not_captured bigint not null
endpoint_watermark.updated_at bigint not null
endpoint_watermark.silent integer not null
event.id bigint not null
event.project_id text collate C not null
event.type text collate C not null
event.payload text not null
event.at bigint not null
event_cursor.consumer text collate C not null
event_cursor.position bigint not null
experiment.id bigint not null
experiment.project_id text collate C not null
experiment.name text collate C not null
experiment.artifact_location text collate C not null
experiment.lifecycle text collate C not null
experiment.created_at bigint not null
experiment.updated_at bigint not null
experiment_tag.experiment bigint not null
experiment_tag.key text collate C not null
experiment_tag.value text collate C not null
feed_bucket.endpoint text collate C not null
feed_bucket.start bigint not null
feed_bucket.rows bigint not null
feed_bucket.refused bigint not null
feed_bucket.not_captured bigint not null
gate_look.run text collate C not null
gate_look.step text collate C not null
gate_look.look bigint not null
gate_look.gate_from bigint not null
gate_look.gate_to bigint not null
gate_look.verdict text collate C not null
gate_look.sentence text collate C not null
gate_look.numbers text not null
gate_look.at bigint not null
gate_result.id bigint not null
gate_result.project_id text collate C not null
gate_result.version text collate C not null
gate_result.kind text collate C not null
gate_result.passed integer not null
gate_result.sentence text collate C not null
gate_result.numbers text not null
gate_result.at bigint not null
incident.id text collate C not null
incident.project_id text collate C not null
incident.number bigint not null
incident.endpoint text collate C not null
incident.signal text collate C not null
incident.severity text collate C not null
incident.state text collate C not null
incident.title text collate C not null
incident.cause text collate C not null
incident.numbers text not null
incident.opened_at bigint not null
incident.opened_event_time bigint not null
incident.closed_at bigint
incident.closed_event_time bigint
incident.closed_reason text collate C
incident_entry.id text collate C not null
incident_entry.incident text collate C not null
incident_entry.at bigint not null
incident_entry.event_time bigint
incident_entry.kind text collate C not null
incident_entry.state text collate C not null
incident_entry.title text collate C not null
incident_entry.body text collate C not null
incident_entry.link text collate C
incident_entry.numbers text not null
incident_entry.key text collate C not null
job.id text collate C not null
job.project_id text collate C not null
job.kind text collate C not null
job.key text collate C
job.lane text collate C
job.payload text not null
job.state text collate C not null
job.run_at bigint not null
job.attempts bigint not null
job.fence bigint not null
job.lease_until bigint
job.error text collate C
job.created_at bigint not null
job.ended_at bigint
job.cut_off bigint not null
label.endpoint text collate C not null
label.id text collate C not null
label.value text not null
label.at bigint not null
label.received_at bigint not null
label.event_time bigint
label.prediction_id text collate C
label.searched_at bigint
late_window.endpoint text collate C not null
late_window.start bigint not null
latency_hour.endpoint text collate C not null
latency_hour.hour bigint not null
latency_hour.variant text collate C not null
latency_hour.bucket bigint not null
latency_hour.rows bigint not null
latest_metric.run bigint not null
latest_metric.key text collate C not null
latest_metric.value double precision not null
latest_metric.is_nan integer not null
latest_metric.timestamp bigint not null
latest_metric.step bigint not null
log_unit.endpoint text collate C not null
log_unit.unit text collate C not null
log_unit.chosen_at bigint not null
logged_model.id bigint not null
logged_model.model_id text collate C not null
logged_model.project_id text collate C not null
logged_model.experiment bigint not null
logged_model.name text collate C not null
logged_model.model_type text collate C
logged_model.status text collate C not null
logged_model.lifecycle text collate C not null
logged_model.source_run text collate C
logged_model.source_attempt text collate C
logged_model.artifact_uri text collate C not null
logged_model.tree text collate C
logged_model.created_at bigint not null
logged_model.updated_at bigint not null
logged_model_metric.model bigint not null
logged_model_metric.key text collate C not null
logged_model_metric.run_id text collate C not null
logged_model_metric.dataset_name text collate C not null
logged_model_metric.dataset_digest text collate C not null
logged_model_metric.step bigint not null
logged_model_metric.timestamp bigint not null
logged_model_metric.value double precision not null
logged_model_metric.is_nan integer not null
logged_model_param.model bigint not null
logged_model_param.key text collate C not null
logged_model_param.value text collate C not null
logged_model_tag.model bigint not null
logged_model_tag.key text collate C not null
logged_model_tag.value text collate C not null
metric.run bigint not null
metric.key text collate C not null
metric.step bigint not null
metric.timestamp bigint not null
metric.value double precision not null
metric.is_nan integer not null
model_alias.model text collate C not null
model_alias.alias text collate C not null
model_alias.version bigint not null
model_alias.updated_at bigint not null
model_export.tree text collate C not null
model_export.project_id text collate C not null
model_export.state text collate C not null
model_export.onnx text collate C
model_export.signature text
model_export.difference text
model_export.reason text collate C
model_export.reference_digest text collate C
model_export.requested_at bigint not null
model_export.finished_at bigint
model_upload.id text collate C not null
model_upload.project_id text collate C not null
model_upload.model text collate C not null
model_upload.created_at bigint not null
model_version.id text collate C not null
model_version.project_id text collate C not null
model_version.model text collate C not null
model_version.version bigint not null
model_version.status text collate C not null
model_version.status_message text collate C not null
model_version.stage text collate C not null
model_version.description text collate C not null
model_version.user_name text collate C not null
model_version.source text collate C not null
model_version.storage_uri text collate C not null
model_version.run_id text collate C not null
model_version.run_link text collate C not null
model_version.logged_model text collate C
model_version.source_attempt text collate C
model_version.tree text collate C
model_version.reference_digest text collate C
model_version.reference_format text collate C
model_version.created_at bigint not null
model_version.updated_at bigint not null
model_version.deleted_at bigint
model_version_tag.version text collate C not null
model_version_tag.key text collate C not null
model_version_tag.value text collate C not null
monitor.endpoint text collate C not null
monitor.project_id text collate C not null
monitor.spec text not null
monitor.anchor bigint
monitor.state text collate C not null
monitor.since bigint
monitor.sentence text collate C not null
monitor.unit text collate C
monitor.relative_limit double precision
monitor.updated_at bigint not null
monitor_window.endpoint text collate C not null
monitor_window.subject text collate C not null
monitor_window.start bigint not null
monitor_window.stop bigint not null
monitor_window.state text collate C not null
monitor_window.version bigint
monitor_window.sentence text collate C not null
monitor_window.numbers text not null
monitor_window.judged_at bigint not null
outcome_block.endpoint text collate C not null
outcome_block.hour bigint not null
outcome_block.block bigint not null
outcome_block.version bigint not null
outcome_block.kind text collate C not null
outcome_block.n bigint not null
outcome_block.error double precision
outcome_block.abs_error double precision
outcome_block.squared_error double precision
outcome_block.actual double precision
outcome_block.abs_actual double precision
outcome_block.log_loss double precision
outcome_block.correct bigint not null
outcome_block.tp bigint
outcome_block.fp bigint
outcome_block.fn bigint
outcome_block.scores text collate C
outcome_block.by_entity integer not null
outcome_block.named bigint not null
pair_slice.endpoint text collate C not null
pair_slice.hour bigint not null
pair_slice.version_a bigint not null
pair_slice.version_b bigint not null
pair_slice.slice bigint not null
pair_slice.n bigint not null
pair_slice.abs_error_a double precision
pair_slice.abs_error_b double precision
pair_slice.squared_error_a double precision
pair_slice.squared_error_b double precision
pair_slice.log_loss_a double precision
pair_slice.log_loss_b double precision
pair_slice.wrong_a bigint not null
pair_slice.wrong_b bigint not null
pair_slice.abs_actual double precision
pipeline.project_id text collate C not null
pipeline.name text collate C not null
pipeline.version text collate C not null
pipeline.turn bigint not null
pipeline.created_at bigint not null
pipeline.updated_at bigint not null
pipeline_attempt.id text collate C not null
pipeline_attempt.project_id text collate C not null
pipeline_attempt.run_id text collate C not null
pipeline_attempt.node text collate C not null
pipeline_attempt.fence bigint not null
pipeline_attempt.holder text collate C not null
pipeline_attempt.state text collate C not null
pipeline_attempt.reason text collate C
pipeline_attempt.exit_code bigint
pipeline_attempt.pid bigint
pipeline_attempt.started_at bigint not null
pipeline_attempt.ended_at bigint
pipeline_cache.project_id text collate C not null
pipeline_cache.key text collate C not null
pipeline_cache.pipeline text collate C not null
pipeline_cache.node text collate C not null
pipeline_cache.run_id text collate C not null
pipeline_cache.outputs text not null
pipeline_cache.fields text not null
pipeline_cache.created_at bigint not null
pipeline_holder.id text collate C not null
pipeline_holder.project_id text collate C not null
pipeline_holder.beat bigint not null
pipeline_node.run_id text collate C not null
pipeline_node.name text collate C not null
pipeline_node.project_id text collate C not null
pipeline_node.kind text collate C not null
pipeline_node.state text collate C not null
pipeline_node.pending bigint not null
pipeline_node.fence bigint not null
pipeline_node.user_failures bigint not null
pipeline_node.infra_failures bigint not null
pipeline_node.backoff_ms bigint not null
pipeline_node.passed integer
pipeline_node.outputs text not null
pipeline_node.sentence text collate C
pipeline_node.refused_by text collate C
pipeline_node.why text
pipeline_node.ready_at bigint
pipeline_node.started_at bigint
pipeline_node.ended_at bigint
pipeline_run.id text collate C not null
pipeline_run.project_id text collate C not null
pipeline_run.pipeline text collate C not null
pipeline_run.version text collate C not null
pipeline_run.params text not null
pipeline_run.trigger_kind text collate C not null
pipeline_run.trigger_ref text collate C not null
pipeline_run.key text collate C not null
pipeline_run.state text collate C not null
pipeline_run.remaining bigint not null
pipeline_run.cancel integer not null
pipeline_run.sentence text collate C
pipeline_run.created_by text collate C not null
pipeline_run.created_at bigint not null
pipeline_run.started_at bigint
pipeline_run.ended_at bigint
pipeline_trigger.project_id text collate C not null
pipeline_trigger.pipeline text collate C not null
pipeline_trigger.id text collate C not null
pipeline_trigger.trigger text not null
pipeline_trigger.event text collate C
pipeline_trigger.since bigint not null
pipeline_trigger.next_at bigint
pipeline_trigger_fire.project_id text collate C not null
pipeline_trigger_fire.pipeline text collate C not null
pipeline_trigger_fire.trigger_id text collate C not null
pipeline_trigger_fire.ref text collate C not null
pipeline_trigger_fire.run_id text collate C not null
pipeline_trigger_fire.at bigint not null
pipeline_version.project_id text collate C not null
pipeline_version.pipeline text collate C not null
pipeline_version.digest text collate C not null
pipeline_version.definition text not null
pipeline_version.code text not null
pipeline_version.created_at bigint not null
profile_bucket.endpoint text collate C not null
profile_bucket.version bigint not null
profile_bucket.kind text collate C not null
profile_bucket.start bigint not null
profile_bucket.rows bigint not null
profile_bucket.errors bigint not null
profile_bucket.columns text not null
profile_bucket.outputs text not null
quarantine.id text collate C not null
quarantine.endpoint text collate C not null
quarantine.start bigint not null
quarantine.stop bigint not null
quarantine.clean_windows bigint not null
quarantine.lifted_at bigint
quarantine.reason text collate C not null
quarantine.incident text collate C not null
registered_model.id text collate C not null
registered_model.project_id text collate C not null
registered_model.name text collate C not null
registered_model.description text collate C not null
registered_model.last_version bigint not null
registered_model.created_at bigint not null
registered_model.updated_at bigint not null
registered_model_tag.model text collate C not null
registered_model_tag.key text collate C not null
registered_model_tag.value text collate C not null
rollout.id text collate C not null
rollout.project_id text collate C not null
rollout.endpoint text collate C not null
rollout.model text collate C not null
rollout.candidate bigint not null
rollout.champion bigint
rollout.stage text collate C not null
rollout.weight double precision not null
rollout.paused_by text collate C
rollout.answers_drift integer not null
rollout.reason text collate C not null
rollout.incident text collate C
rollout.sentence text collate C not null
rollout.progress text not null
rollout.started_at bigint not null
rollout.started_event_time bigint
rollout.step_event_time bigint
rollout.ended_at bigint
rollout.ended_event_time bigint
rollout_verdict.id text collate C not null
rollout_verdict.rollout text collate C not null
rollout_verdict.at bigint not null
rollout_verdict.event_time bigint not null
rollout_verdict.stage text collate C not null
rollout_verdict.weight double precision not null
rollout_verdict.verdict text collate C not null
rollout_verdict.sentence text collate C not null
rollout_verdict.checks text not null
rule.name text collate C not null
rule.project_id text collate C not null
rule.endpoint text collate C not null
rule.spec text not null
rule.mode text collate C not null
rule.created_at bigint not null
rule.updated_at bigint not null
run.id bigint not null
run.run_id text collate C not null
run.project_id text collate C not null
run.experiment bigint not null
run.name text collate C not null
run.user_name text collate C not null
run.status text collate C not null
run.lifecycle text collate C not null
run.start_time bigint not null
run.end_time bigint
run.artifact_uri text collate C not null
run.attempt text collate C
run_dataset.run bigint not null
run_dataset.dataset bigint not null
run_dataset.context text collate C
run_dataset.tags text not null
run_model.run bigint not null
run_model.direction text collate C not null
run_model.model_id text collate C not null
run_model.step bigint not null
run_param.run bigint not null
run_param.key text collate C not null
run_param.value text collate C not null
run_tag.run bigint not null
run_tag.key text collate C not null
run_tag.value text collate C not null
schema_migration.name character varying not null
schema_migration.timestamp character varying not null
schema_migration_lock.id character varying not null
schema_migration_lock.is_locked integer not null
segment_ingested.replica text collate C not null
segment_ingested.sequence bigint not null
segment_ingested.ingested_at bigint not null
snapshot_generation.id bigint not null
snapshot_generation.generation bigint not null
traffic_hour.endpoint text collate C not null
traffic_hour.hour bigint not null
traffic_hour.variant text collate C not null
traffic_hour.version bigint not null
traffic_hour.kind text collate C not null
traffic_hour.rows bigint not null
traffic_hour.errors bigint not null
version_hold.version text collate C not null
version_hold.holder text collate C not null
version_reference.model text collate C not null
version_reference.version bigint not null
version_reference.digest text collate C not null
version_reference.rows bigint not null
version_reference.unit text collate C
CREATE UNIQUE INDEX api_token_digest ON api_token USING btree (digest)
CREATE UNIQUE INDEX api_token_pk ON api_token USING btree (id)
CREATE UNIQUE INDEX artifact_pk ON artifact USING btree (owner, path)
CREATE UNIQUE INDEX artifact_freeze_pk ON artifact_freeze USING btree (owner)
CREATE UNIQUE INDEX artifact_tree_pk ON artifact_tree USING btree (digest)
CREATE UNIQUE INDEX audit_record_pk ON audit_record USING btree (id)
CREATE INDEX audit_subject ON audit_record USING btree (subject, id)
CREATE UNIQUE INDEX automation_action_flight ON automation_action USING btree (endpoint) WHERE (state = ANY (ARRAY['proposed'::text, 'waiting'::text, 'running'::text, 'verifying'::text]))
CREATE UNIQUE INDEX automation_action_key ON automation_action USING btree (key)
CREATE UNIQUE INDEX automation_action_pk ON automation_action USING btree (id)
CREATE UNIQUE INDEX automation_switch_pk ON automation_switch USING btree (id)
CREATE UNIQUE INDEX capture_segment_pk ON capture_segment USING btree (replica, sequence, endpoint)
CREATE INDEX capture_segment_time ON capture_segment USING btree (endpoint, max_time)
CREATE UNIQUE INDEX change_marker_pk ON change_marker USING btree (endpoint, at, kind, label)
CREATE UNIQUE INDEX dataset_identity ON dataset USING btree (experiment, name, digest)
CREATE UNIQUE INDEX dataset_pkey ON dataset USING btree (id)
CREATE UNIQUE INDEX decision_key ON decision USING btree (rule, key)
CREATE UNIQUE INDEX decision_pk ON decision USING btree (id)
CREATE INDEX decision_time ON decision USING btree (endpoint, event_time)
CREATE UNIQUE INDEX draw_hour_pk ON draw_hour USING btree (endpoint, hour, version, slice)
CREATE UNIQUE INDEX endpoint_pk ON endpoint USING btree (name)
CREATE UNIQUE INDEX endpoint_variant_pk ON endpoint_variant USING btree (endpoint, name)
CREATE UNIQUE INDEX endpoint_watermark_pk ON endpoint_watermark USING btree (endpoint, replica)
CREATE UNIQUE INDEX event_pkey ON event USING btree (id)
CREATE INDEX event_type ON event USING btree (type, id)
CREATE UNIQUE INDEX event_cursor_pk ON event_cursor USING btree (consumer)
CREATE UNIQUE INDEX experiment_name ON experiment USING btree (project_id, name)
CREATE INDEX experiment_newest ON experiment USING btree (project_id, lifecycle, created_at DESC, id)
CREATE UNIQUE INDEX experiment_pkey ON experiment USING btree (id)
CREATE UNIQUE INDEX experiment_tag_pk ON experiment_tag USING btree (experiment, key)
CREATE UNIQUE INDEX feed_bucket_pk ON feed_bucket USING btree (endpoint, start)
CREATE UNIQUE INDEX gate_look_pk ON gate_look USING btree (run, step, look)
CREATE UNIQUE INDEX gate_result_pkey ON gate_result USING btree (id)
CREATE INDEX gate_result_version ON gate_result USING btree (version, id)
CREATE UNIQUE INDEX incident_open ON incident USING btree (endpoint, signal) WHERE (state <> 'closed'::text)
CREATE UNIQUE INDEX incident_pk ON incident USING btree (id)
CREATE UNIQUE INDEX incident_entry_key ON incident_entry USING btree (incident, key)
CREATE UNIQUE INDEX incident_entry_pk ON incident_entry USING btree (id)
CREATE UNIQUE INDEX job_pk ON job USING btree (id)
CREATE INDEX job_ready ON job USING btree (run_at) WHERE (state = 'ready'::text)
CREATE UNIQUE INDEX job_running_lane ON job USING btree (lane) WHERE ((state = 'running'::text) AND (lane IS NOT NULL))
CREATE UNIQUE INDEX job_waiting_key ON job USING btree (kind, key) WHERE ((state = 'ready'::text) AND (key IS NOT NULL))
CREATE UNIQUE INDEX label_pk ON label USING btree (endpoint, id)
CREATE INDEX label_time ON label USING btree (endpoint, event_time)
CREATE INDEX label_waiting ON label USING btree (endpoint, received_at) WHERE (event_time IS NULL)
CREATE UNIQUE INDEX late_window_pk ON late_window USING btree (endpoint, start)
CREATE UNIQUE INDEX latency_hour_pk ON latency_hour USING btree (endpoint, hour, variant, bucket)
CREATE UNIQUE INDEX latest_metric_pk ON latest_metric USING btree (run, key)
CREATE INDEX latest_metric_value ON latest_metric USING btree (key, value)
CREATE UNIQUE INDEX log_unit_pk ON log_unit USING btree (endpoint)
CREATE INDEX logged_model_attempt ON logged_model USING btree (source_attempt) WHERE (source_attempt IS NOT NULL)
CREATE UNIQUE INDEX logged_model_model_id ON logged_model USING btree (model_id)
CREATE INDEX logged_model_newest ON logged_model USING btree (experiment, lifecycle, created_at DESC, model_id)
CREATE UNIQUE INDEX logged_model_pkey ON logged_model USING btree (id)
CREATE INDEX logged_model_run ON logged_model USING btree (source_run) WHERE (source_run IS NOT NULL)
CREATE UNIQUE INDEX logged_model_metric_pk ON logged_model_metric USING btree (model, key, run_id, dataset_name, dataset_digest, step, "timestamp", value, is_nan)
CREATE INDEX logged_model_metric_value ON logged_model_metric USING btree (key, value)
CREATE UNIQUE INDEX logged_model_param_pk ON logged_model_param USING btree (model, key)
CREATE INDEX logged_model_param_value ON logged_model_param USING btree (key, substr(value, 1, 200))
CREATE UNIQUE INDEX logged_model_tag_pk ON logged_model_tag USING btree (model, key)
CREATE INDEX logged_model_tag_value ON logged_model_tag USING btree (key, substr(value, 1, 200))
CREATE UNIQUE INDEX metric_pk ON metric USING btree (run, key, step, "timestamp", value, is_nan)
CREATE UNIQUE INDEX model_alias_pk ON model_alias USING btree (model, alias)
CREATE UNIQUE INDEX model_export_pk ON model_export USING btree (tree)
CREATE UNIQUE INDEX model_upload_pk ON model_upload USING btree (id)
CREATE UNIQUE INDEX model_version_number ON model_version USING btree (model, version)
CREATE UNIQUE INDEX model_version_pk ON model_version USING btree (id)
CREATE INDEX model_version_run ON model_version USING btree (run_id) WHERE (run_id <> ''::text)
CREATE INDEX model_version_tree ON model_version USING btree (tree) WHERE (tree IS NOT NULL)
CREATE INDEX model_version_updated ON model_version USING btree (project_id, updated_at DESC)
CREATE UNIQUE INDEX model_version_tag_pk ON model_version_tag USING btree (version, key)
CREATE UNIQUE INDEX monitor_pk ON monitor USING btree (endpoint)
CREATE UNIQUE INDEX monitor_window_pk ON monitor_window USING btree (endpoint, subject, start)
CREATE UNIQUE INDEX outcome_block_pk ON outcome_block USING btree (endpoint, hour, block, version, kind)
CREATE UNIQUE INDEX pair_slice_pk ON pair_slice USING btree (endpoint, hour, version_a, version_b, slice)
CREATE UNIQUE INDEX pipeline_pk ON pipeline USING btree (project_id, name)
CREATE UNIQUE INDEX pipeline_attempt_fence ON pipeline_attempt USING btree (run_id, node, fence)
CREATE UNIQUE INDEX pipeline_attempt_pk ON pipeline_attempt USING btree (id)
CREATE INDEX pipeline_attempt_running ON pipeline_attempt USING btree (holder) WHERE (state = 'running'::text)
CREATE INDEX pipeline_cache_node ON pipeline_cache USING btree (project_id, pipeline, node, created_at)
CREATE UNIQUE INDEX pipeline_cache_pk ON pipeline_cache USING btree (project_id, key)
CREATE UNIQUE INDEX pipeline_holder_pk ON pipeline_holder USING btree (id)
CREATE UNIQUE INDEX pipeline_node_pk ON pipeline_node USING btree (run_id, name)
CREATE INDEX pipeline_node_ready ON pipeline_node USING btree (ready_at) WHERE (state = 'ready'::text)
CREATE UNIQUE INDEX pipeline_run_key ON pipeline_run USING btree (project_id, pipeline, key)
CREATE UNIQUE INDEX pipeline_run_pk ON pipeline_run USING btree (id)
CREATE INDEX pipeline_run_state ON pipeline_run USING btree (project_id, pipeline, state, id)
CREATE INDEX pipeline_trigger_next ON pipeline_trigger USING btree (next_at) WHERE (next_at IS NOT NULL)
CREATE UNIQUE INDEX pipeline_trigger_pk ON pipeline_trigger USING btree (project_id, pipeline, id)
CREATE UNIQUE INDEX pipeline_trigger_fire_pk ON pipeline_trigger_fire USING btree (project_id, pipeline, trigger_id, ref)
CREATE UNIQUE INDEX pipeline_version_pk ON pipeline_version USING btree (project_id, pipeline, digest)
CREATE UNIQUE INDEX profile_bucket_pk ON profile_bucket USING btree (endpoint, version, kind, start)
CREATE UNIQUE INDEX quarantine_open ON quarantine USING btree (endpoint) WHERE (lifted_at IS NULL)
CREATE UNIQUE INDEX quarantine_pk ON quarantine USING btree (id)
CREATE UNIQUE INDEX registered_model_name ON registered_model USING btree (project_id, name)
CREATE UNIQUE INDEX registered_model_pk ON registered_model USING btree (id)
CREATE UNIQUE INDEX registered_model_tag_pk ON registered_model_tag USING btree (model, key)
CREATE UNIQUE INDEX rollout_active ON rollout USING btree (endpoint) WHERE (ended_at IS NULL)
CREATE UNIQUE INDEX rollout_pk ON rollout USING btree (id)
CREATE UNIQUE INDEX rollout_verdict_pk ON rollout_verdict USING btree (id)
CREATE UNIQUE INDEX rollout_verdict_time ON rollout_verdict USING btree (rollout, event_time)
CREATE UNIQUE INDEX rule_pk ON rule USING btree (name)
CREATE INDEX run_attempt ON run USING btree (attempt) WHERE (attempt IS NOT NULL)
CREATE INDEX run_newest ON run USING btree (experiment, lifecycle, start_time DESC, run_id)
CREATE UNIQUE INDEX run_pkey ON run USING btree (id)
CREATE UNIQUE INDEX run_run_id ON run USING btree (run_id)
CREATE INDEX run_dataset_dataset ON run_dataset USING btree (dataset)
CREATE UNIQUE INDEX run_dataset_pk ON run_dataset USING btree (run, dataset)
CREATE UNIQUE INDEX run_model_pk ON run_model USING btree (run, direction, model_id)
CREATE UNIQUE INDEX run_param_pk ON run_param USING btree (run, key)
CREATE INDEX run_param_value ON run_param USING btree (key, substr(value, 1, 200))
CREATE UNIQUE INDEX run_tag_pk ON run_tag USING btree (run, key)
CREATE INDEX run_tag_value ON run_tag USING btree (key, substr(value, 1, 200))
CREATE UNIQUE INDEX schema_migration_pkey ON schema_migration USING btree (name)
CREATE UNIQUE INDEX schema_migration_lock_pkey ON schema_migration_lock USING btree (id)
CREATE UNIQUE INDEX segment_ingested_pk ON segment_ingested USING btree (replica, sequence)
CREATE UNIQUE INDEX snapshot_generation_pk ON snapshot_generation USING btree (id)
CREATE UNIQUE INDEX traffic_hour_pk ON traffic_hour USING btree (endpoint, hour, variant, kind)
CREATE INDEX version_hold_holder ON version_hold USING btree (holder)
CREATE UNIQUE INDEX version_hold_pk ON version_hold USING btree (version, holder)
CREATE UNIQUE INDEX version_reference_pk ON version_reference USING btree (model, version)
