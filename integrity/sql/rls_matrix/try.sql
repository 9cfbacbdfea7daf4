-- Run each statement and say what came of it: rows, none, denied, impossible or unknown. Each is undone,
-- which also gives its locks back.
CREATE FUNCTION pg_temp.try_statements(statements text[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    statement text;
    outcome   text;
    outcomes  text[] := '{}';
    number    bigint;
BEGIN
    FOREACH statement IN ARRAY statements LOOP
        BEGIN
            EXECUTE statement;
            GET DIAGNOSTICS number = ROW_COUNT;
            outcome := CASE WHEN number > 0 THEN 'rows' ELSE 'none' END;
            RAISE EXCEPTION USING ERRCODE = 'GV009';
        EXCEPTION
            WHEN SQLSTATE 'GV009' THEN NULL;
            WHEN lock_not_available THEN outcome := 'unknown';  -- named first: 55000 below is its class
            WHEN insufficient_privilege THEN outcome := 'denied';
            WHEN object_not_in_prerequisite_state OR wrong_object_type THEN outcome := 'impossible';
            WHEN OTHERS THEN outcome := 'unknown';
        END;
        outcomes := outcomes || outcome;
    END LOOP;
    RETURN outcomes;
END
$$
