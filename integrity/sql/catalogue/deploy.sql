-- What the checks read beside ML_PP's own tables, and what is known of each check.

-- The stock that the books really say: snapshot plus adjustments, not clamped at zero (contract,
-- trap 1) and not joined on depot_id, so that a tank without depot keeps its adjustments (trap 16).
-- Litres; NULL when a figure is NaN or infinite.
CREATE OR REPLACE VIEW gouvernance.v_stock_reel WITH (security_invoker = true) AS
SELECT
    s.citerne_id,
    s.produit_id,
    s.proprietaire_type,
    gouvernance.finite(s.stock_ambiant::numeric + coalesce(a.delta_ambiant, 0)) AS stock_ambiant,
    gouvernance.finite(s.stock_15c::numeric + coalesce(a.delta_15c, 0)) AS stock_15c,
    greatest(s.last_movement_at, a.last_adjustment_at) AS last_change_at
FROM public.stocks_snapshot AS s
LEFT JOIN (
    SELECT
        citerne_id,
        produit_id,
        proprietaire_type,
        sum(delta_ambiant::numeric) AS delta_ambiant,
        sum(delta_15c::numeric) AS delta_15c,
        max(created_at) AS last_adjustment_at
    FROM public.stocks_adjustments
    GROUP BY citerne_id, produit_id, proprietaire_type
) AS a USING (citerne_id, produit_id, proprietaire_type);

REVOKE ALL ON gouvernance.v_stock_reel FROM PUBLIC, anon, mlpp_gov_app;
GRANT SELECT ON gouvernance.v_stock_reel TO authenticated, service_role;

-- Every change of stock that ML_PP knows, signed as the tank feels it: validated receptions and sorties,
-- and adjustments. Litres; NULL when a volume is missing, NaN, or beyond what an opening stock may be:
-- float8 sums of the others can't overflow, and cost a third of numeric ones. A reception has a `jour`
-- only, the others an `instant`. `mouvement_id` is what an adjustment corrects, and a movement's own id.
--
-- sorties_produit.volume_15c exists on some installations only (contract, trap 6). Where it does, it is
-- named; where it comes later it is read through jsonb, slower, until the next deployment.
DO $$
DECLARE
    sortie_15c text := 'coalesce(s.volume_15c, s.volume_corrige_15c)';
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute
        WHERE attrelid = to_regclass('public.sorties_produit') AND attname = 'volume_15c' AND NOT attisdropped
    ) THEN
        sortie_15c := $sql$
            CASE
                WHEN (SELECT EXISTS (
                    SELECT FROM pg_catalog.pg_attribute
                    WHERE attrelid = 'public.sorties_produit'::pg_catalog.regclass
                        AND attname = 'volume_15c' AND NOT attisdropped
                ))
                THEN coalesce((to_jsonb(s) ->> 'volume_15c')::double precision, s.volume_corrige_15c)
                ELSE s.volume_corrige_15c
            END
        $sql$;
    END IF;
    EXECUTE replace($sql$
        CREATE OR REPLACE VIEW gouvernance.v_mouvements WITH (security_invoker = true) AS
        SELECT
            'RECEPTION' AS nature, r.id, r.id AS mouvement_id,
            r.citerne_id, r.produit_id, r.proprietaire_type,
            r.date_reception AS jour, NULL::timestamptz AS instant,
            CASE WHEN r.volume_ambiant BETWEEN -1e9 AND 1e9 THEN r.volume_ambiant END AS ambiant,
            CASE
                WHEN coalesce(r.volume_15c, r.volume_corrige_15c) BETWEEN -1e9 AND 1e9
                THEN coalesce(r.volume_15c, r.volume_corrige_15c)
            END AS v15c
        FROM public.receptions AS r
        WHERE r.statut = 'validee'
        UNION ALL
        SELECT
            'SORTIE', s.id, s.id,
            s.citerne_id, s.produit_id, s.proprietaire_type,
            NULL, s.date_sortie,
            CASE WHEN s.volume_ambiant BETWEEN -1e9 AND 1e9 THEN -s.volume_ambiant END,
            CASE WHEN {15c} BETWEEN -1e9 AND 1e9 THEN -({15c}) END
        FROM public.sorties_produit AS s
        WHERE s.statut = 'validee'
        UNION ALL
        SELECT
            'AJUSTEMENT', a.id, a.mouvement_id,
            a.citerne_id, a.produit_id, a.proprietaire_type,
            NULL, a.created_at,
            CASE WHEN a.delta_ambiant BETWEEN -1e9 AND 1e9 THEN a.delta_ambiant END,
            CASE WHEN a.delta_15c BETWEEN -1e9 AND 1e9 THEN a.delta_15c END
        FROM public.stocks_adjustments AS a
    $sql$, '{15c}', sortie_15c);
END
$$;

-- Those movements summed, one row per nature, tank, product and owner: one pass over each table. (An index
-- that has the volumes makes the sums three times faster, and each movement a fifth slower to insert.)
CREATE OR REPLACE VIEW gouvernance.v_cumuls WITH (security_invoker = true) AS
SELECT
    'RECEPTION' AS nature, citerne_id, produit_id, proprietaire_type,
    count(*) AS mouvements,
    count(*) - count(ambiant) AS sans_ambiant,
    count(*) - count(v15c) AS sans_15c,
    sum(ambiant) AS ambiant,
    sum(v15c) AS v15c,
    gouvernance.moment(min(jour)) AS premier
FROM gouvernance.v_mouvements
WHERE nature = 'RECEPTION'
GROUP BY citerne_id, produit_id, proprietaire_type
UNION ALL
SELECT
    'SORTIE', citerne_id, produit_id, proprietaire_type,
    count(*), count(*) - count(ambiant), count(*) - count(v15c), sum(ambiant), sum(v15c),
    gouvernance.moment(min(instant))
FROM gouvernance.v_mouvements
WHERE nature = 'SORTIE'
GROUP BY citerne_id, produit_id, proprietaire_type
UNION ALL
SELECT
    'AJUSTEMENT', citerne_id, produit_id, proprietaire_type,
    count(*), count(*) - count(ambiant), count(*) - count(v15c), sum(ambiant), sum(v15c),
    gouvernance.moment(min(instant))
FROM gouvernance.v_mouvements
WHERE nature = 'AJUSTEMENT'
GROUP BY citerne_id, produit_id, proprietaire_type;

REVOKE ALL ON gouvernance.v_mouvements, gouvernance.v_cumuls FROM PUBLIC, anon, mlpp_gov_app;
GRANT SELECT ON gouvernance.v_mouvements, gouvernance.v_cumuls TO authenticated, service_role;

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

-- The checks read in a branch of their own: all of them when the view is ours; else those that ML_PP's
-- view does not name. The others, and what no file names, are in that view.
CREATE OR REPLACE FUNCTION gouvernance.separate_checks() RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT code FROM gouvernance.checks
    WHERE (SELECT gouvernance.view_is_ours())
        OR strpos(
            (SELECT pg_get_viewdef(to_regclass('public.v_integrity_checks'))), quote_literal(code)
        ) = 0
$$;

CREATE OR REPLACE FUNCTION gouvernance.source_of(p_check text) RETURNS text
LANGUAGE sql STABLE SET search_path = ''
RETURN CASE
    WHEN p_check IN (SELECT gouvernance.separate_checks())
    THEN format('gouvernance.%I', 'check_' || lower(p_check))
    ELSE 'public.v_integrity_checks'
END;

-- auth.users is nobody's to read, and profils shows each person their own row: the functions below read
-- both as their owner, for who governs and for a caller that is no person (the evaluation).
CREATE OR REPLACE FUNCTION gouvernance.reads_profiles() RETURNS boolean
LANGUAGE sql STABLE SET search_path = ''
RETURN coalesce(
    gouvernance.role_of(auth.uid()) IN ('admin', 'directeur', 'pca'),
    auth.uid() IS NULL AND current_setting('role') NOT IN ('anon', 'authenticated')
);

-- What people call each account: a name of its profiles, never an e-mail address; else the start of its id.
CREATE OR REPLACE FUNCTION gouvernance.profile_names(p_users uuid[]) RETURNS TABLE (user_id uuid, nom text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$  -- as text, here and below: a parsed body would make ML_PP's tables depend on it
    SELECT u.id, coalesce(
        min(btrim(p.nom_complet)) FILTER (WHERE p.nom_complet ~ '\S' AND p.nom_complet !~ '@'),
        left(u.id::text, 8)
    )
    FROM auth.users AS u
    LEFT JOIN public.profils AS p ON p.user_id = u.id
    WHERE u.id = ANY (p_users) AND (SELECT gouvernance.reads_profiles())
    GROUP BY u.id
$$;

-- Accounts of which the profiles don't say one known role (contract, trap 14), each with its faults in
-- words and its profiles in the order of their creation.
CREATE OR REPLACE FUNCTION gouvernance.ambiguous_profiles() RETURNS TABLE (
    user_id uuid, nom text, fautes text[], profils jsonb, second_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT a.user_id, n.nom, array_remove(ARRAY[
            CASE a.number
                WHEN 0 THEN 'aucun profil'
                WHEN 1 THEN NULL
                ELSE format('%s profils (%s)', a.number, a.roles)
            END,
            'rôle inconnu (' || a.unknown_roles || ')'
        ], NULL), a.profils, a.second_at
    FROM (
        SELECT u.id AS user_id,
               count(p.id) AS number,
               string_agg(coalesce(p.role, 'sans rôle'), ', ' ORDER BY p.created_at, p.id) AS roles,
               string_agg(coalesce(p.role, 'sans rôle'), ', ' ORDER BY p.created_at, p.id) FILTER (
                   WHERE p.id IS NOT NULL AND p.role IN (
                       'admin', 'directeur', 'gerant', 'operateur', 'lecture', 'pca'
                   ) IS NOT TRUE
               ) AS unknown_roles,
               coalesce(jsonb_agg(
                   jsonb_build_object('profil_id', p.id, 'role', p.role, 'created_at', p.created_at)
                   ORDER BY p.created_at, p.id
               ) FILTER (WHERE p.id IS NOT NULL), '[]') AS profils,
               (array_agg(p.created_at ORDER BY p.created_at, p.id))[2] AS second_at
        FROM auth.users AS u
        LEFT JOIN public.profils AS p ON p.user_id = u.id
        WHERE (SELECT gouvernance.reads_profiles())
            AND to_jsonb(u) ->> 'deleted_at' IS NULL  -- a column of Supabase's, not of every version
        GROUP BY u.id
    ) AS a
    JOIN gouvernance.profile_names(ARRAY[a.user_id]) AS n USING (user_id)
    WHERE a.number <> 1 OR a.unknown_roles IS NOT NULL
$$;

REVOKE ALL ON FUNCTION
    gouvernance.threshold(text, text), gouvernance.check_enabled(text),
    gouvernance.tune_check(text, boolean, integer, jsonb),
    gouvernance.declare_opening_stock(uuid, uuid, text, numeric, numeric),
    gouvernance.require_administrator(), gouvernance.check_settings(text),
    gouvernance.view_is_ours(), gouvernance.separate_checks(), gouvernance.source_of(text),
    gouvernance.reads_profiles(), gouvernance.profile_names(uuid[]), gouvernance.ambiguous_profiles()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.threshold(text, text), gouvernance.check_enabled(text)
    TO authenticated, service_role, mlpp_gov_app;
GRANT EXECUTE ON FUNCTION
    gouvernance.tune_check(text, boolean, integer, jsonb),
    gouvernance.declare_opening_stock(uuid, uuid, text, numeric, numeric)
    TO authenticated;
GRANT EXECUTE ON FUNCTION gouvernance.profile_names(uuid[]), gouvernance.ambiguous_profiles()
    TO authenticated, service_role;

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
