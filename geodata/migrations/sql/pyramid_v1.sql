-- The pyramid: chunks of counts, and what was added since. A tile's sum is chunks plus delta.
CREATE TABLE heat_chunk (
    source text NOT NULL,
    scope bigint NOT NULL,
    z smallint NOT NULL,
    tile bigint NOT NULL,
    detail smallint NOT NULL,
    grain smallint NOT NULL,
    bucket int NOT NULL,
    tier smallint NOT NULL,
    version bigint NOT NULL,
    size int NOT NULL,
    rows bigint NOT NULL,
    blob bytea COMPRESSION lz4 NOT NULL,
    CONSTRAINT heat_chunk_pkey PRIMARY KEY (source, scope, z, tile, detail, grain, bucket, tier)
);
COMMENT ON TABLE heat_chunk IS 'Derived: counts by tile, cell, facets and day; written by the fold alone';

CREATE TABLE heat_delta (
    source text NOT NULL,
    scope bigint NOT NULL,
    q bigint,
    area bigint NOT NULL,
    code bigint NOT NULL,
    day date NOT NULL,
    n int NOT NULL
)
-- Rows live for seconds: dead ones must go as fast. No index: to look through a few thousand rows
-- costs a reader less than half a millisecond, to keep one costs every writer more than the row.
WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
      autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0,
      autovacuum_analyze_threshold = 100000);
COMMENT ON TABLE heat_delta IS 'Derived: entries that came or went since the last fold; written by triggers';
