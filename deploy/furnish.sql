-- What the private cluster holds before the first migration. Its administrator runs it; it may be repeated.

-- Extensions in the template: test databases have them too, though the role that makes them is no superuser.
\connect template1
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;

\connect postgres
SELECT 'CREATE ROLE civicmap LOGIN CREATEDB'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'civicmap') \gexec
SELECT 'CREATE DATABASE civicmap OWNER civicmap'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'civicmap') \gexec
