CREATE SCHEMA IF NOT EXISTS gouvernance;

-- What `contract` installed, so that status and revert know ours from ML_PP's.
CREATE TABLE IF NOT EXISTS gouvernance.contract_objects (
    name        text PRIMARY KEY,
    checksum    text NOT NULL,
    restore_sql text,  -- how to bring back the native object that ours replaced
    deployed_by text NOT NULL DEFAULT current_user,
    deployed_at timestamptz NOT NULL DEFAULT now()
);

-- What those objects were made of when they were deployed, so that verify sees a rewritten body.
CREATE TABLE IF NOT EXISTS gouvernance.contract_definitions (
    name        text PRIMARY KEY,
    fingerprint text NOT NULL
);

-- The application's login. NOINHERIT: being a member of `authenticated` gives nothing until SET ROLE,
-- which db_identity() does together with the person's JWT claims.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'mlpp_gov_app') THEN
        CREATE ROLE mlpp_gov_app NOLOGIN NOINHERIT;
    END IF;
    EXECUTE format(
        'ALTER ROLE mlpp_gov_app IN DATABASE %I SET search_path = gouvernance, public',
        pg_catalog.current_database()
    );
    -- Compiling the view of all checks takes seconds, reading it milliseconds.
    EXECUTE format('ALTER ROLE mlpp_gov_app IN DATABASE %I SET jit = off', pg_catalog.current_database());
END
$$;

GRANT authenticated TO mlpp_gov_app;
GRANT USAGE ON SCHEMA gouvernance TO mlpp_gov_app, authenticated;  -- tables grant one by one
-- The application looks itself whether the contract conforms; the saved definitions are not its business.
GRANT SELECT (name, checksum) ON gouvernance.contract_objects TO mlpp_gov_app;
GRANT SELECT ON gouvernance.contract_definitions TO mlpp_gov_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA gouvernance
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO mlpp_gov_app;

-- A person's role for governance: the least privilege of all their profiles (contract, trap 14);
-- NULL when there is none, or when one of them is not admitted.
CREATE OR REPLACE FUNCTION gouvernance.role_of(person uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$  -- as text: a parsed body would make ML_PP's table depend on it
    SELECT CASE
        WHEN bool_or(role IS NULL OR role NOT IN ('admin', 'directeur', 'pca')) THEN NULL
        WHEN bool_or(role = 'pca') THEN 'pca'
        WHEN bool_or(role = 'directeur') THEN 'directeur'
        WHEN bool_or(role = 'admin') THEN 'admin'
    END
    FROM public.profils
    WHERE user_id = person
$$;
-- The roles of all their profiles, for the application: it refuses somebody who has not exactly one
-- admitted, and says why. What PostgreSQL lets them do is role_of()'s.
CREATE OR REPLACE FUNCTION gouvernance.profile_roles(person uuid) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT coalesce(array_agg(coalesce(role, '') ORDER BY role), '{}')
    FROM public.profils
    WHERE user_id = person
$$;
-- Their profiles, for who signs in with a Supabase account. ML_PP has no column `actif` there today; an
-- installation that adds one closes accounts with it, hence the row as JSON.
CREATE OR REPLACE FUNCTION gouvernance.profiles_of(person uuid)
RETURNS TABLE (role text, full_name text, active boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT coalesce(p.role, ''), coalesce(p.nom_complet, ''),
        coalesce(to_jsonb(p) ->> 'actif', 'true') = 'true'
    FROM public.profils AS p
    WHERE p.user_id = person
$$;
REVOKE ALL ON FUNCTION gouvernance.profiles_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.profiles_of(uuid) TO mlpp_gov_app;
REVOKE ALL ON FUNCTION gouvernance.profile_roles(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.profile_roles(uuid) TO mlpp_gov_app;
REVOKE ALL ON FUNCTION gouvernance.role_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gouvernance.role_of(uuid) TO authenticated, mlpp_gov_app;

-- The role of the person of this transaction, when it is one of those; GV004 for anybody else.
CREATE OR REPLACE FUNCTION gouvernance.require_role(VARIADIC admitted text[]) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    found_role text := gouvernance.role_of(auth.uid());
BEGIN
    IF found_role = ANY (admitted) THEN
        RETURN found_role;
    END IF;
    RAISE EXCEPTION 'Votre profil ML_PP ne le permet pas. Ce droit appartient à : %.',
        array_to_string(admitted, ', ')
        USING ERRCODE = 'GV004';
END
$$;
REVOKE ALL ON FUNCTION gouvernance.require_role(text[]) FROM PUBLIC;

-- The five below are neither STRICT nor more constant than what they call, so that PostgreSQL puts
-- their bodies in place of the calls.

-- A measured value, or NULL when it is NaN or infinite: those compare greater than every number and
-- are not JSON (contract, trap 15). numeric, because float8 arithmetic raises on under- and overflow.
CREATE OR REPLACE FUNCTION gouvernance.finite(value numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value NOT IN ('NaN', 'Infinity', '-Infinity') THEN value END;

-- A volume in litres as an operator reads it: « 10 000 L », with no-break spaces.
CREATE OR REPLACE FUNCTION gouvernance.litres(value numeric) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN abs(value) < 1e15
    THEN replace(to_char(round(value), 'FM999,999,999,999,990'), ',', U&'\00A0')
    ELSE value::text
END || U&'\00A0L';

-- A date as an operator reads it: 19/02/2026. A date beyond the year 9999 would raise in to_char.
CREATE OR REPLACE FUNCTION gouvernance.jour(value date) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN value BETWEEN '0001-01-01' AND '9999-12-31' THEN to_char(value::timestamp, 'DD/MM/YYYY')
    ELSE value::text
END;

-- When something happened, or NULL when that is no moment a calendar has: infinite, or beyond the years
-- 1 to 9999. A date without hour stands for its midnight UTC.
CREATE OR REPLACE FUNCTION gouvernance.moment(value timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 00:00+00' THEN value END;

CREATE OR REPLACE FUNCTION gouvernance.moment(value date) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN value BETWEEN '0001-01-01' AND '9999-12-31' THEN value::timestamp AT TIME ZONE interval '0'
END;

REVOKE ALL ON FUNCTION
    gouvernance.finite(numeric), gouvernance.litres(numeric), gouvernance.jour(date),
    gouvernance.moment(timestamptz), gouvernance.moment(date)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.finite(numeric), gouvernance.litres(numeric), gouvernance.jour(date),
    gouvernance.moment(timestamptz), gouvernance.moment(date)
    TO authenticated, service_role, mlpp_gov_app;

-- Codes of the alerts that no evaluation of the checks opens, refreshes or closes. Each has a view like a
-- check's, gouvernance.check_<code>, which is no part of v_integrity_checks.
CREATE OR REPLACE FUNCTION gouvernance.other_sources() RETURNS SETOF text
LANGUAGE sql IMMUTABLE SET search_path = ''
RETURN 'ACCES_SUSPECTS';
REVOKE ALL ON FUNCTION gouvernance.other_sources() FROM PUBLIC;

-- Not even the owner rewrites a journal.
CREATE OR REPLACE FUNCTION gouvernance.refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'Un journal ne se réécrit pas.' USING ERRCODE = 'insufficient_privilege';
END
$$;
REVOKE ALL ON FUNCTION gouvernance.refuse_rewriting() FROM PUBLIC;

-- Django's migrations bring the job queue (procrastinate), whose functions run with their caller's
-- rights and are everybody's by default: they become the application's, with the numbers they draw.
CREATE OR REPLACE FUNCTION gouvernance.grant_job_queue() RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    object text;
BEGIN
    FOR object IN
        SELECT 'FUNCTION ' || oid::regprocedure FROM pg_catalog.pg_proc
        WHERE pronamespace = 'gouvernance'::regnamespace AND proname LIKE 'procrastinate\_%'
        UNION ALL
        SELECT 'SEQUENCE ' || oid::regclass FROM pg_catalog.pg_class
        WHERE relnamespace = 'gouvernance'::regnamespace AND relkind = 'S'
            AND relname LIKE 'procrastinate\_%'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', object);
        EXECUTE format(
            'GRANT %s ON %s TO mlpp_gov_app',
            CASE WHEN object LIKE 'FUNCTION %' THEN 'EXECUTE' ELSE 'USAGE' END, object
        );
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION gouvernance.grant_job_queue() FROM PUBLIC;
SELECT gouvernance.grant_job_queue();  -- migrated already: what a new release of it brought
