-- Guards the trail: who looked and who changed the configuration is never changed or removed.
-- It decides nothing; it refuses, as event_is_append_only_v1 does for the history of issues.
CREATE FUNCTION issues_trail_is_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER access_is_append_only
BEFORE UPDATE OR DELETE ON issues_access
FOR EACH ROW EXECUTE FUNCTION issues_trail_is_append_only();

CREATE TRIGGER configuration_is_append_only
BEFORE UPDATE OR DELETE ON issues_configurationchange
FOR EACH ROW EXECUTE FUNCTION issues_trail_is_append_only();
