-- The rows of one file while they are checked: a table of this session alone, gone with it, without log or index.
DROP TABLE IF EXISTS pg_temp.ingest_staging, pg_temp.ingest_ready;
CREATE TEMPORARY TABLE ingest_staging (
    line integer NOT NULL,
    external_id text NOT NULL,
    service_code text NOT NULL,
    description text NOT NULL,
    lon double precision,
    lat double precision,
    address text NOT NULL,
    area_code text NOT NULL,
    department_id bigint,
    received_at timestamptz NOT NULL,
    marks text NOT NULL,
    note text NOT NULL,
    photos text NOT NULL,
    channel text NOT NULL,
    anonymous boolean NOT NULL,
    held boolean NOT NULL,
    corrected boolean NOT NULL,
    dropped text NOT NULL,
    faults jsonb NOT NULL
)
