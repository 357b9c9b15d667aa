-- Guards the history: an event is never changed or removed once written.
-- It decides nothing; it refuses. Erasure of personal data is a later, named exception.
CREATE FUNCTION issues_event_is_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'issues_event is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER event_is_append_only
BEFORE UPDATE OR DELETE ON issues_event
FOR EACH ROW EXECUTE FUNCTION issues_event_is_append_only();
