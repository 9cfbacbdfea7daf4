-- What is known of each check: its settings, its thresholds, its proofs; and one view for each.

-- One row per check file; `enabled` and `time_limit_ms` are the administrator's.
CREATE TABLE IF NOT EXISTS gouvernance.checks (
    code          text PRIMARY KEY,
    severity      text NOT NULL,
    enabled       boolean NOT NULL,
    time_limit_ms integer NOT NULL DEFAULT 10000 CHECK (time_limit_ms BETWEEN 100 AND 300000),
    install_error text  -- why this installation can't have the check; NULL when it has it
);

-- What an administrator may tune in a check; `initial` is what its file says.
CREATE TABLE IF NOT EXISTS gouvernance.check_thresholds (
    check_code text NOT NULL REFERENCES gouvernance.checks ON DELETE CASCADE,
    name       text NOT NULL,
    value      numeric NOT NULL,
    initial    numeric NOT NULL,
    lowest     numeric NOT NULL,
    highest    numeric NOT NULL,
    PRIMARY KEY (check_code, name),
    CHECK (value BETWEEN lowest AND highest)
);

-- Stock that was in a tank before the first movement that ML_PP knows, as an administrator declared it.
CREATE TABLE IF NOT EXISTS gouvernance.opening_stocks (
    citerne_id        uuid NOT NULL,
    produit_id        uuid NOT NULL,
    proprietaire_type text NOT NULL CHECK (proprietaire_type IN ('MONALUXE', 'PARTENAIRE')),
    stock_ambiant     numeric NOT NULL CHECK (stock_ambiant BETWEEN 0 AND 1e9),  -- litres
    stock_15c         numeric NOT NULL CHECK (stock_15c BETWEEN 0 AND 1e9),
    PRIMARY KEY (citerne_id, produit_id, proprietaire_type)
);

-- Every change of the three tables above by a person.
CREATE TABLE IF NOT EXISTS gouvernance.check_changes (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    actor   uuid NOT NULL,  -- auth.users.id
    subject text NOT NULL,  -- a check's code, or STOCK_OUVERTURE
    change  jsonb NOT NULL  -- {name: [before, after]}
);
CREATE INDEX IF NOT EXISTS check_changes_subject ON gouvernance.check_changes (subject, id);

-- When a check was last seen firing on a planted fault (`manage.py checks selftest`).
CREATE TABLE IF NOT EXISTS gouvernance.check_proofs (
    check_code text PRIMARY KEY REFERENCES gouvernance.checks ON DELETE CASCADE,
    proven_at  timestamptz,  -- NULL when it never fired here
    tried_at   timestamptz NOT NULL,
    failure    text  -- why the last try proved nothing; NULL when it did
);

DO $$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY ARRAY[
        'checks', 'check_thresholds', 'opening_stocks', 'check_changes', 'check_proofs'
    ] LOOP
        EXECUTE format(
            'REVOKE ALL ON gouvernance.%I FROM PUBLIC, mlpp_gov_app, authenticated, service_role', relation
        );
        EXECUTE format(
            'GRANT SELECT ON gouvernance.%I TO mlpp_gov_app, authenticated, service_role', relation
        );
    END LOOP;
END
$$;

CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON gouvernance.check_changes
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting();

-- A check that asks for a threshold nobody declared must fail, not fall silent.
CREATE OR REPLACE FUNCTION gouvernance.threshold(p_check text, p_name text) RETURNS numeric
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = '' AS $$
DECLARE
    found_value numeric;
BEGIN
    SELECT value INTO STRICT found_value FROM gouvernance.check_thresholds
    WHERE check_code = p_check AND name = p_name;
    RETURN found_value;
EXCEPTION WHEN no_data_found THEN
    RAISE EXCEPTION 'Seuil inconnu : % de %.', p_name, p_check USING ERRCODE = 'undefined_parameter';
END
$$;

CREATE OR REPLACE FUNCTION gouvernance.check_enabled(p_check text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = ''
RETURN (SELECT enabled FROM gouvernance.checks WHERE code = p_check);

-- Only an administrator tunes a check. Raises GV004 for anybody else, GV003 when a value is not possible.
CREATE OR REPLACE FUNCTION gouvernance.tune_check(
    p_check text, p_enabled boolean, p_time_limit_ms integer, p_thresholds jsonb
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    before  jsonb;
    after   jsonb;
    changed jsonb;
BEGIN
    PERFORM gouvernance.require_administrator();
    PERFORM FROM gouvernance.checks WHERE code = p_check FOR UPDATE;
    IF NOT FOUND OR p_enabled IS NULL OR p_time_limit_ms IS NULL OR EXISTS (
        SELECT jsonb_object_keys(p_thresholds)
        EXCEPT SELECT name FROM gouvernance.check_thresholds WHERE check_code = p_check
    ) THEN
        RAISE EXCEPTION 'Contrôle ou réglage inconnu.' USING ERRCODE = 'GV003';
    END IF;
    before := gouvernance.check_settings(p_check);
    UPDATE gouvernance.checks SET enabled = p_enabled, time_limit_ms = p_time_limit_ms
    WHERE code = p_check;
    UPDATE gouvernance.check_thresholds SET value = (p_thresholds ->> name)::numeric
    WHERE check_code = p_check AND p_thresholds ? name;
    after := gouvernance.check_settings(p_check);
    SELECT jsonb_object_agg(key, jsonb_build_array(before -> key, after -> key)) INTO changed
    FROM jsonb_object_keys(after) AS key
    WHERE before -> key <> after -> key;
    IF changed IS NOT NULL THEN
        INSERT INTO gouvernance.check_changes (actor, subject, change)
        VALUES (auth.uid(), p_check, changed);
    END IF;
EXCEPTION
    WHEN check_violation OR not_null_violation OR data_exception OR invalid_text_representation
        OR numeric_value_out_of_range THEN
        RAISE EXCEPTION 'Valeur hors des bornes.' USING ERRCODE = 'GV003', DETAIL = SQLERRM;
END
$$;

-- Declare the stock that was there first, in litres; NULL for both takes the declaration back.
CREATE OR REPLACE FUNCTION gouvernance.declare_opening_stock(
    p_citerne uuid, p_produit uuid, p_proprietaire text, p_ambiant numeric, p_15c numeric
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    previous gouvernance.opening_stocks;
BEGIN
    PERFORM gouvernance.require_administrator();
    SELECT * INTO previous FROM gouvernance.opening_stocks
    WHERE (citerne_id, produit_id, proprietaire_type) = (p_citerne, p_produit, p_proprietaire)
    FOR UPDATE;
    IF p_ambiant IS NULL AND p_15c IS NULL THEN
        IF NOT FOUND THEN
            RETURN;  -- nothing was declared, nothing is taken back
        END IF;
        DELETE FROM gouvernance.opening_stocks
        WHERE (citerne_id, produit_id, proprietaire_type) = (p_citerne, p_produit, p_proprietaire);
    ELSE
        INSERT INTO gouvernance.opening_stocks VALUES (p_citerne, p_produit, p_proprietaire, p_ambiant, p_15c)
        ON CONFLICT (citerne_id, produit_id, proprietaire_type) DO UPDATE
            SET stock_ambiant = EXCLUDED.stock_ambiant, stock_15c = EXCLUDED.stock_15c;
    END IF;
    INSERT INTO gouvernance.check_changes (actor, subject, change) VALUES (
        auth.uid(), 'STOCK_OUVERTURE', jsonb_build_object(
            'citerne_id', p_citerne, 'produit_id', p_produit, 'proprietaire_type', p_proprietaire,
            'stock_ambiant', jsonb_build_array(previous.stock_ambiant, p_ambiant),
            'stock_15c', jsonb_build_array(previous.stock_15c, p_15c)
        )
    );
EXCEPTION WHEN check_violation OR not_null_violation THEN
    RAISE EXCEPTION 'Stock d’ouverture refusé.' USING ERRCODE = 'GV003', DETAIL = SQLERRM;
END
$$;

CREATE OR REPLACE FUNCTION gouvernance.require_administrator() RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF coalesce(gouvernance.role_of(auth.uid()), '') <> 'admin' THEN
        RAISE EXCEPTION 'Réservé à un administrateur.' USING ERRCODE = 'GV004';
    END IF;
END
$$;

-- {enabled, time_limit_ms, and each threshold} of a check.
CREATE OR REPLACE FUNCTION gouvernance.check_settings(p_check text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = ''
RETURN (
    SELECT jsonb_build_object('enabled', c.enabled, 'time_limit_ms', c.time_limit_ms)
        || coalesce((
            SELECT jsonb_object_agg(t.name, t.value) FROM gouvernance.check_thresholds AS t
            WHERE t.check_code = c.code
        ), '{}')
    FROM gouvernance.checks AS c
    WHERE c.code = p_check
);

-- Whether the view is the one that was deployed here, and as it was then.
CREATE OR REPLACE FUNCTION gouvernance.view_is_ours() RETURNS boolean
LANGUAGE sql STABLE SET search_path = ''
AS $$
    SELECT EXISTS (
        SELECT
        FROM pg_class AS c
        JOIN gouvernance.contract_definitions AS d ON d.name = 'vue public.v_integrity_checks'
        WHERE c.oid = to_regclass('public.v_integrity_checks')
            AND d.fingerprint = md5(pg_get_viewdef(c.oid) || coalesce(c.reloptions::text, ''))
    )
$$;

-- What is read in a view of its own: every check when v_integrity_checks is ours, else those that ML_PP's
-- view does not name; and what other sources say. The rest, and what no file names, is in that view.
CREATE OR REPLACE FUNCTION gouvernance.separate_checks() RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT code FROM gouvernance.checks
    WHERE (SELECT gouvernance.view_is_ours())
        OR strpos(
            (SELECT pg_get_viewdef(to_regclass('public.v_integrity_checks'))), quote_literal(code)
        ) = 0
    UNION ALL
    SELECT gouvernance.other_sources()
$$;

CREATE OR REPLACE FUNCTION gouvernance.source_of(p_check text) RETURNS text
LANGUAGE sql STABLE SET search_path = ''
RETURN CASE
    WHEN p_check IN (SELECT gouvernance.separate_checks())
    THEN format('gouvernance.%I', 'check_' || lower(p_check))
    ELSE 'public.v_integrity_checks'
END;

REVOKE ALL ON FUNCTION
    gouvernance.threshold(text, text), gouvernance.check_enabled(text),
    gouvernance.tune_check(text, boolean, integer, jsonb),
    gouvernance.declare_opening_stock(uuid, uuid, text, numeric, numeric),
    gouvernance.require_administrator(), gouvernance.check_settings(text),
    gouvernance.view_is_ours(), gouvernance.separate_checks(), gouvernance.source_of(text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.threshold(text, text), gouvernance.check_enabled(text)
    TO authenticated, service_role, mlpp_gov_app;
GRANT EXECUTE ON FUNCTION
    gouvernance.tune_check(text, boolean, integer, jsonb),
    gouvernance.declare_opening_stock(uuid, uuid, text, numeric, numeric)
    TO authenticated;

-- One view per check. A check that this installation can't have (a table or a column is missing there)
-- is named as failing by every evaluation, and leaves the others alone.
CREATE OR REPLACE FUNCTION pg_temp.install_check(
    p_code text, p_severity text, p_enabled boolean, p_thresholds jsonb, p_select text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    relation CONSTANT text := format('gouvernance.%I', 'check_' || lower(p_code));
    failure text;
BEGIN
    BEGIN
        EXECUTE format('CREATE OR REPLACE VIEW %s WITH (security_invoker = true) AS %s', relation, p_select);
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, mlpp_gov_app', relation);
        EXECUTE format('GRANT SELECT ON %s TO authenticated, service_role', relation);
    EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
        failure := SQLERRM;
    END;
    INSERT INTO gouvernance.checks AS c (code, severity, enabled, install_error)
    VALUES (p_code, p_severity, p_enabled, failure)
    ON CONFLICT (code) DO UPDATE
        SET severity = EXCLUDED.severity, install_error = EXCLUDED.install_error
        WHERE (c.severity, c.install_error) IS DISTINCT FROM (EXCLUDED.severity, EXCLUDED.install_error);

    DELETE FROM gouvernance.check_thresholds WHERE check_code = p_code AND NOT p_thresholds ? name;
    INSERT INTO gouvernance.check_thresholds AS t (check_code, name, value, initial, lowest, highest)
    SELECT p_code, given.key, (given.value ->> 0)::numeric, (given.value ->> 0)::numeric,
           (given.value ->> 1)::numeric, (given.value ->> 2)::numeric
    FROM jsonb_each(p_thresholds) AS given
    ON CONFLICT (check_code, name) DO UPDATE
        SET initial = EXCLUDED.initial, lowest = EXCLUDED.lowest, highest = EXCLUDED.highest,
            value = greatest(EXCLUDED.lowest, least(EXCLUDED.highest, t.value))
        WHERE (t.initial, t.lowest, t.highest)
            IS DISTINCT FROM (EXCLUDED.initial, EXCLUDED.lowest, EXCLUDED.highest);
END
$$;

{{ checks }}

DELETE FROM gouvernance.checks WHERE code <> ALL (ARRAY[{{ codes }}]);
