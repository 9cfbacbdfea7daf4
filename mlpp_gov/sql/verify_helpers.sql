-- Comparisons for the verify.sql files. Each difference is a warning GV000, so that one reading names
-- them all; what can't be compared at all raises.

SET LOCAL search_path = '';  -- definitions read with every name qualified, whoever asks
SET LOCAL client_min_messages = warning;
SET LOCAL jit = off;  -- a view of many branches takes seconds to compile

CREATE FUNCTION pg_temp.expect(what text, expected text[], actual text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    missing    text[] := ARRAY(SELECT unnest(expected) EXCEPT SELECT unnest(actual) ORDER BY 1);
    unexpected text[] := ARRAY(SELECT unnest(actual) EXCEPT SELECT unnest(expected) ORDER BY 1);
BEGIN
    IF missing <> '{}' OR unexpected <> '{}' THEN
        RAISE WARNING '%', what || ' :' || concat_ws(' ;',
            ' manque ' || nullif(array_to_string(missing, ', '), ''),
            ' en trop ' || nullif(array_to_string(unexpected, ', '), ''))
            USING ERRCODE = 'GV000';
    END IF;
END
$$;

-- Columns in order, each as 'name type' or 'name type NOT NULL'.
CREATE FUNCTION pg_temp.expect_columns(relation text, expected text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    actual text[];
BEGIN
    IF to_regclass(relation) IS NULL THEN
        RAISE EXCEPTION '% : absent', relation;
    END IF;
    actual := ARRAY(
        SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod),
                         CASE WHEN attnotnull THEN 'NOT NULL' END)
        FROM pg_attribute
        WHERE attrelid = to_regclass(relation) AND attnum > 0 AND NOT attisdropped
        ORDER BY attnum
    );
    PERFORM pg_temp.expect('colonnes de ' || relation, expected, actual);
    IF actual <> expected AND actual @> expected AND actual <@ expected THEN
        RAISE WARNING 'colonnes de % : ordre attendu %, trouvé %', relation,
            array_to_string(expected, ', '), array_to_string(actual, ', ')
            USING ERRCODE = 'GV000';
    END IF;
END
$$;

-- Roles that may execute a function, its owner apart.
CREATE FUNCTION pg_temp.executors(signature text) RETURNS text[]
LANGUAGE sql AS $$
    SELECT ARRAY(
        SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
        FROM pg_proc AS p,
            LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        WHERE p.oid = to_regprocedure(signature) AND a.grantee <> p.proowner
    )
$$;

-- 'role: PRIVILEGE' of a relation, column grants as 'role: PRIVILEGE(column)', its owner apart.
CREATE FUNCTION pg_temp.grants(relation text) RETURNS text[]
LANGUAGE sql AS $$
    SELECT ARRAY(
        SELECT format('%s: %s', CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                      a.privilege_type)
        FROM pg_class AS c, LATERAL aclexplode(c.relacl) AS a
        WHERE c.oid = to_regclass(relation) AND a.grantee <> c.relowner
        UNION ALL
        SELECT format('%s: %s(%s)', a.grantee::regrole, a.privilege_type, t.attname)
        FROM pg_attribute AS t, LATERAL aclexplode(t.attacl) AS a
        WHERE t.attrelid = to_regclass(relation) AND NOT t.attisdropped
    )
$$;

CREATE FUNCTION pg_temp.triggers(relation text, pattern text) RETURNS text[]
LANGUAGE sql AS $$
    SELECT ARRAY(
        SELECT regexp_replace(pg_get_triggerdef(oid, true), '^CREATE TRIGGER ', '')
        FROM pg_trigger
        WHERE tgrelid = to_regclass(relation) AND NOT tgisinternal AND tgname LIKE pattern
            AND tgenabled IN ('O', 'A')  -- neither disabled nor for replicas only
    )
$$;
