CREATE TABLE acts (
    seq BIGINT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL,
    CONSTRAINT pk_acts PRIMARY KEY (seq)
);

CREATE TABLE alerts (
    id VARCHAR(64) NOT NULL,
    rule VARCHAR(64) NOT NULL,
    tenant VARCHAR(6) NOT NULL,
    entity_type VARCHAR(16) NOT NULL,
    entity TEXT NOT NULL,
    day VARCHAR(10) NOT NULL,
    candidate BOOLEAN NOT NULL,
    state VARCHAR(12) NOT NULL,
    reason VARCHAR(16) NOT NULL,
    severity VARCHAR(12) NOT NULL,
    verdict VARCHAR(16) DEFAULT '' NOT NULL,
    count BIGINT NOT NULL,
    carried BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    facts TEXT NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    revision INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    created BIGINT NOT NULL,
    revised BIGINT NOT NULL,
    received BIGINT NOT NULL,
    case_id VARCHAR(20) NOT NULL,
    CONSTRAINT pk_alerts PRIMARY KEY (id)
);

CREATE INDEX ix_alerts_candidate ON alerts (last_seen) WHERE candidate = 1;

CREATE INDEX ix_alerts_candidate_state_tenant_rule_severity_verdict_day ON alerts (candidate, state, tenant, rule, severity, verdict, day);

CREATE INDEX ix_alerts_case_id_last_seen ON alerts (case_id, last_seen);

CREATE INDEX ix_alerts_entity_candidate_state ON alerts (entity, candidate, state);

CREATE INDEX ix_alerts_last_seen_id ON alerts (last_seen, id);

CREATE INDEX ix_alerts_not_live ON alerts (last_seen) WHERE state != 'live';

CREATE INDEX ix_alerts_revised_id ON alerts (revised, id);

CREATE INDEX ix_alerts_rule_last_seen_id ON alerts (rule, last_seen, id);

CREATE INDEX ix_alerts_rule_tenant_entity_day ON alerts (rule, tenant, entity, day);

CREATE INDEX ix_alerts_severity_last_seen_id ON alerts (severity, last_seen, id);

CREATE INDEX ix_alerts_tenant_last_seen_id ON alerts (tenant, last_seen, id);

CREATE INDEX ix_alerts_verdict_last_seen_id ON alerts (verdict, last_seen, id);

CREATE TABLE audit (
    id INTEGER NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act VARCHAR(32) NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (id)
);

CREATE TABLE case_log (
    id INTEGER NOT NULL,
    case_id VARCHAR(20) NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act VARCHAR(16) NOT NULL,
    "before" TEXT NOT NULL,
    "after" TEXT NOT NULL,
    comment TEXT NOT NULL,
    CONSTRAINT pk_case_log PRIMARY KEY (id)
);

CREATE INDEX ix_case_log_at ON case_log (at);

CREATE INDEX ix_case_log_case_id ON case_log (case_id);

CREATE TABLE cases (
    id VARCHAR(20) NOT NULL,
    rule VARCHAR(64) NOT NULL,
    tenant VARCHAR(6) NOT NULL,
    entity TEXT NOT NULL,
    entity_type VARCHAR(16) NOT NULL,
    status VARCHAR(16) NOT NULL,
    reason VARCHAR(16) NOT NULL,
    until BIGINT,
    assignee TEXT NOT NULL,
    severity VARCHAR(12) NOT NULL,
    verdict VARCHAR(16) DEFAULT '' NOT NULL,
    continuity VARCHAR(12) NOT NULL,
    count BIGINT NOT NULL,
    first_day VARCHAR(10) NOT NULL,
    last_day VARCHAR(10) NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    opened BIGINT NOT NULL,
    due BIGINT,
    taken BIGINT,
    notified BIGINT,
    triaged TEXT NOT NULL,
    version INTEGER NOT NULL,
    joined_into VARCHAR(20) NOT NULL,
    CONSTRAINT pk_cases PRIMARY KEY (id)
);

CREATE INDEX ix_cases_assignee_last_seen ON cases (assignee, last_seen);

CREATE INDEX ix_cases_last_seen_id ON cases (last_seen, id);

CREATE INDEX ix_cases_opened ON cases (opened);

CREATE INDEX ix_cases_rule_last_seen ON cases (rule, last_seen);

CREATE INDEX ix_cases_rule_tenant_entity ON cases (rule, tenant, entity);

CREATE INDEX ix_cases_rule_tenant_last_seen ON cases (rule, tenant, last_seen);

CREATE INDEX ix_cases_status_last_seen_id ON cases (status, last_seen, id);

CREATE INDEX ix_cases_tenant_last_seen_id ON cases (tenant, last_seen, id);

CREATE TABLE cells (
    producer VARCHAR(64) NOT NULL,
    hour BIGINT NOT NULL,
    candidate BOOLEAN NOT NULL,
    mark BIGINT NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    state VARCHAR(12) NOT NULL,
    versions TEXT NOT NULL,
    evaluated BIGINT NOT NULL,
    CONSTRAINT pk_cells PRIMARY KEY (producer, hour, candidate)
);

CREATE INDEX ix_cells_failed ON cells (hour) WHERE state = 'failed';

CREATE INDEX ix_cells_hour ON cells (hour);

CREATE TABLE counters (
    name VARCHAR(16) NOT NULL,
    value BIGINT NOT NULL,
    CONSTRAINT pk_counters PRIMARY KEY (name)
);

CREATE TABLE counts (
    hour BIGINT NOT NULL,
    tenant VARCHAR(6) NOT NULL,
    dst_zone VARCHAR(16) NOT NULL,
    bin VARCHAR(32) NOT NULL,
    name VARCHAR(64) NOT NULL,
    rows BIGINT NOT NULL,
    events BIGINT NOT NULL,
    CONSTRAINT pk_counts PRIMARY KEY (hour, tenant, dst_zone, bin, name)
);

CREATE TABLE deliveries (
    id VARCHAR(32) NOT NULL,
    source VARCHAR(64) NOT NULL,
    name TEXT NOT NULL,
    received BIGINT NOT NULL,
    sha256_sent VARCHAR(64) NOT NULL,
    sha256_content VARCHAR(64) NOT NULL,
    bytes BIGINT NOT NULL,
    skip_bytes BIGINT NOT NULL,
    state VARCHAR(12) NOT NULL,
    torn BOOLEAN NOT NULL,
    CONSTRAINT pk_deliveries PRIMARY KEY (id),
    CONSTRAINT uq_deliveries_source_sha256_content UNIQUE (source, sha256_content)
);

CREATE INDEX ix_deliveries_received_id ON deliveries (received, id);

CREATE INDEX ix_deliveries_source_received_id ON deliveries (source, received, id);

CREATE TABLE facts (
    producer VARCHAR(64) NOT NULL,
    hour BIGINT NOT NULL,
    candidate BOOLEAN NOT NULL,
    tenant VARCHAR(6) NOT NULL,
    entity_type VARCHAR(16) NOT NULL,
    entity TEXT NOT NULL,
    day VARCHAR(10) NOT NULL,
    fired BOOLEAN NOT NULL,
    body TEXT NOT NULL,
    places BLOB NOT NULL,
    CONSTRAINT pk_facts PRIMARY KEY (producer, hour, candidate, tenant, entity_type, entity)
);

CREATE INDEX ix_facts_hour_tenant ON facts (hour, tenant);

CREATE INDEX ix_facts_producer_day_tenant_entity ON facts (producer, day, tenant, entity);

CREATE TABLE fingerprints (
    fingerprint VARCHAR(64) NOT NULL,
    producer VARCHAR(64) NOT NULL,
    text TEXT NOT NULL,
    registered BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    from_hour BIGINT NOT NULL,
    reads TEXT NOT NULL,
    back INTEGER NOT NULL,
    forward INTEGER NOT NULL,
    level INTEGER NOT NULL,
    state VARCHAR(12) NOT NULL,
    CONSTRAINT pk_fingerprints PRIMARY KEY (fingerprint)
);

CREATE INDEX ix_fingerprints_producer ON fingerprints (producer);

CREATE TABLE floors (
    producer VARCHAR(64) NOT NULL,
    candidate BOOLEAN NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    seq BIGINT NOT NULL,
    CONSTRAINT pk_floors PRIMARY KEY (producer, candidate)
);

CREATE TABLE keys (
    prefix VARCHAR(12) NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    name TEXT NOT NULL,
    role VARCHAR(16) NOT NULL,
    tenants TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    revoked BIGINT,
    CONSTRAINT pk_keys PRIMARY KEY (prefix)
);

CREATE TABLE leases (
    id VARCHAR(32) NOT NULL,
    seq BIGINT NOT NULL,
    drops BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    until BIGINT NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (id)
);

CREATE TABLE runs (
    id INTEGER NOT NULL,
    started BIGINT NOT NULL,
    ended BIGINT,
    seq BIGINT NOT NULL,
    cells INTEGER NOT NULL,
    alerts INTEGER NOT NULL,
    error TEXT NOT NULL,
    CONSTRAINT pk_runs PRIMARY KEY (id)
);

CREATE TABLE segments (
    path TEXT NOT NULL,
    class VARCHAR(16) NOT NULL,
    day VARCHAR(10) NOT NULL,
    rows BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    first_event BIGINT NOT NULL,
    last_event BIGINT NOT NULL,
    tenants TEXT NOT NULL,
    seqs TEXT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    network_seq BIGINT NOT NULL,
    layout VARCHAR(16) NOT NULL,
    added BIGINT NOT NULL,
    dropped BIGINT,
    dropped_at BIGINT,
    CONSTRAINT pk_segments PRIMARY KEY (path)
);

CREATE INDEX ix_segments_day_class ON segments (day, class);

CREATE INDEX ix_segments_dropped ON segments (dropped);

CREATE TABLE ticks (
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_ticks PRIMARY KEY (number)
);

CREATE TABLE batches (
    seq BIGINT NOT NULL,
    delivery VARCHAR(32) NOT NULL,
    part INTEGER NOT NULL,
    source VARCHAR(64) NOT NULL,
    received BIGINT NOT NULL,
    content_from BIGINT NOT NULL,
    content_to BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    parsed BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    first_event BIGINT,
    last_event BIGINT,
    parser TEXT NOT NULL,
    state TEXT NOT NULL,
    object TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    CONSTRAINT pk_batches PRIMARY KEY (seq),
    CONSTRAINT uq_batches_delivery_part UNIQUE (delivery, part),
    CONSTRAINT fk_batches_seq FOREIGN KEY(seq) REFERENCES acts (seq),
    CONSTRAINT fk_batches_delivery FOREIGN KEY(delivery) REFERENCES deliveries (id)
);

CREATE INDEX ix_batches_delivery ON batches (delivery);

CREATE INDEX ix_batches_received ON batches (received);

CREATE INDEX ix_batches_source_received ON batches (source, received);

CREATE INDEX ix_batches_source_seq ON batches (source, seq);

CREATE TABLE register (
    seq BIGINT NOT NULL,
    number INTEGER NOT NULL,
    kind VARCHAR(16) NOT NULL,
    tenant VARCHAR(6) NOT NULL,
    "key" TEXT NOT NULL,
    "values" TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    recorded BIGINT NOT NULL,
    approver TEXT NOT NULL,
    second_approver TEXT NOT NULL,
    document TEXT NOT NULL,
    replaced BIGINT,
    CONSTRAINT pk_register PRIMARY KEY (seq, number),
    CONSTRAINT fk_register_seq FOREIGN KEY(seq) REFERENCES acts (seq)
);

CREATE INDEX ix_register_kind_tenant_key ON register (kind, tenant, "key");

CREATE TABLE repeats (
    id VARCHAR(32) NOT NULL,
    delivery VARCHAR(32) NOT NULL,
    name TEXT NOT NULL,
    received BIGINT NOT NULL,
    sha256_sent VARCHAR(64) NOT NULL,
    CONSTRAINT pk_repeats PRIMARY KEY (id),
    CONSTRAINT fk_repeats_delivery FOREIGN KEY(delivery) REFERENCES deliveries (id)
);

CREATE INDEX ix_repeats_delivery ON repeats (delivery);

CREATE INDEX ix_repeats_received ON repeats (received);

CREATE TABLE revisions (
    alert VARCHAR(64) NOT NULL,
    revision INTEGER NOT NULL,
    at BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    state VARCHAR(12) NOT NULL,
    severity VARCHAR(12) NOT NULL,
    changes TEXT NOT NULL,
    material TEXT NOT NULL,
    CONSTRAINT pk_revisions PRIMARY KEY (alert, revision),
    CONSTRAINT fk_revisions_alert FOREIGN KEY(alert) REFERENCES alerts (id)
);

CREATE TABLE sessions (
    sha256 VARCHAR(64) NOT NULL,
    "key" VARCHAR(12) NOT NULL,
    csrf VARCHAR(64) NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    CONSTRAINT pk_sessions PRIMARY KEY (sha256),
    CONSTRAINT fk_sessions_key FOREIGN KEY("key") REFERENCES keys (prefix)
);

CREATE INDEX ix_sessions_expires ON sessions (expires);

CREATE INDEX ix_sessions_key ON sessions ("key");

CREATE TABLE touches (
    seq BIGINT NOT NULL,
    class VARCHAR(16) NOT NULL,
    tenant VARCHAR(6) NOT NULL,
    hour BIGINT NOT NULL,
    CONSTRAINT pk_touches PRIMARY KEY (seq, class, tenant, hour),
    CONSTRAINT fk_touches_seq FOREIGN KEY(seq) REFERENCES acts (seq)
);

CREATE INDEX ix_touches_class_hour_tenant_seq ON touches (class, hour, tenant, seq);

CREATE TABLE chain (
    seq BIGINT NOT NULL,
    source VARCHAR(64) NOT NULL,
    object TEXT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    bytes BIGINT NOT NULL,
    previous VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    CONSTRAINT pk_chain PRIMARY KEY (seq),
    CONSTRAINT fk_chain_seq FOREIGN KEY(seq) REFERENCES batches (seq),
    CONSTRAINT uq_chain_hash UNIQUE (hash)
);

CREATE TABLE refusals (
    seq BIGINT NOT NULL,
    line BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    "offset" BIGINT NOT NULL,
    length BIGINT NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT pk_refusals PRIMARY KEY (seq, line),
    CONSTRAINT fk_refusals_seq FOREIGN KEY(seq) REFERENCES batches (seq)
);
