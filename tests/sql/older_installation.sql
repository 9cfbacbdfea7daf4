-- An ML_PP database as it ran before this project, made by hand over the stand-in: contract V1 (section 2
-- and 3) with the traps seen on real installations, and an owner who is not a superuser, as on Supabase.
-- Runs as superuser.

-- The owner ---------------------------------------------------------------------------------------

DO $$
DECLARE
    name text;
BEGIN
    IF to_regrole('mlpp_owner') IS NULL THEN
        CREATE ROLE mlpp_owner LOGIN CREATEROLE BYPASSRLS NOSUPERUSER;
    END IF;
    GRANT anon, authenticated, service_role TO mlpp_owner WITH ADMIN OPTION;
    EXECUTE format('ALTER DATABASE %I OWNER TO mlpp_owner', current_database());
    FOR name IN
        SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO mlpp_owner', name);
    END LOOP;
    FOR name IN SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO mlpp_owner', name);
    END LOOP;
END
$$;
-- The schema `auth` belongs to the platform.
GRANT USAGE ON SCHEMA auth TO mlpp_owner;
GRANT SELECT, INSERT, REFERENCES ON auth.users TO mlpp_owner;

SET ROLE mlpp_owner;

-- Trap 21: whatever is created in public is everybody's.
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT ALL ON TABLES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT ALL ON FUNCTIONS TO anon, authenticated, service_role;

-- Helpers (trap 19) -------------------------------------------------------------------------------

CREATE FUNCTION public.app_current_role() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT role FROM public.profils WHERE user_id = auth.uid() LIMIT 1
$$;

CREATE FUNCTION public.update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = now();
    RETURN NEW;
END
$$;

-- Views were all their owner's eyes then.
ALTER VIEW public.v_stock_actuel RESET (security_invoker);

-- The view of contract V1: clamped stock (trap 1), one row per owner (traps 2 and 3), the view owner's
-- rights (trap 12).
CREATE VIEW public.v_integrity_checks AS
SELECT
    'STOCK_NEGATIF'::text AS check_code, 'CRITICAL'::text AS severity,
    'CITERNE_STOCK'::text AS entity_type, s.citerne_id AS entity_id, 'Stock négatif'::text AS message,
    jsonb_build_object(
        'depot_id', s.depot_id, 'citerne_id', s.citerne_id, 'produit_id', s.produit_id,
        'proprietaire_type', s.proprietaire_type, 'stock_ambiant', s.stock_ambiant,
        'stock_15c', s.stock_15c, 'threshold_negative', -0.01
    ) AS payload,
    now() AS detected_at
FROM public.v_stock_actuel AS s
WHERE s.stock_ambiant < -0.01 OR s.stock_15c < -0.01
UNION ALL
SELECT
    'STOCK_OVER_CAPACITY', 'CRITICAL', 'CITERNE_STOCK', s.citerne_id, 'Stock au-delà de la capacité',
    jsonb_build_object(
        'citerne_id', s.citerne_id, 'proprietaire_type', s.proprietaire_type,
        'stock_ambiant', s.stock_ambiant, 'stock_15c', s.stock_15c,
        'capacite_totale', c.capacite_totale, 'capacite_securite', c.capacite_securite,
        'capacite_utile', c.capacite_totale - c.capacite_securite
    ),
    now()
FROM public.v_stock_actuel AS s
JOIN public.citernes AS c ON c.id = s.citerne_id AND c.statut = 'active'
WHERE greatest(s.stock_ambiant, s.stock_15c) > c.capacite_totale - c.capacite_securite
UNION ALL
SELECT
    'CDR_ARRIVE_STALE', 'WARN', 'CDR', d.id, 'CDR arrivé sans réception',
    jsonb_build_object('cours_de_route_id', d.id, 'created_at', d.created_at), now()
FROM public.cours_de_route AS d
WHERE d.statut = 'ARRIVE' AND d.created_at < now() - interval '2 days'
    AND NOT EXISTS (
        SELECT FROM public.receptions AS r WHERE r.cours_de_route_id = d.id AND r.statut = 'validee'
    )
UNION ALL
SELECT
    'RECEPTION_ECART_15C', 'WARN', 'RECEPTION', r.id, 'Écart de volume à 15 °C',
    jsonb_build_object('reception_id', r.id, 'volume_ambiant', r.volume_ambiant), now()
FROM public.receptions AS r
WHERE r.statut = 'validee' AND r.volume_ambiant > 0
    AND abs(coalesce(r.volume_15c, r.volume_corrige_15c) - r.volume_ambiant) / r.volume_ambiant > 0.05
UNION ALL
SELECT
    'SORTIE_ECART_15C', 'WARN', 'SORTIE', s.id, 'Écart de volume à 15 °C',
    jsonb_build_object('sortie_id', s.id, 'volume_ambiant', s.volume_ambiant), now()
FROM public.sorties_produit AS s
WHERE s.statut = 'validee' AND s.volume_ambiant > 0
    AND abs(s.volume_corrige_15c - s.volume_ambiant) / s.volume_ambiant > 0.05;

-- The table, its trigger and its policies ---------------------------------------------------------

CREATE TABLE public.system_alerts (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    check_code        text NOT NULL,
    severity          text NOT NULL CHECK (severity IN ('CRITICAL', 'WARN')),
    entity_type       text NOT NULL,
    entity_id         uuid NOT NULL,
    message           text NOT NULL,
    payload           jsonb NOT NULL DEFAULT '{}',
    status            text NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN', 'ACK', 'RESOLVED')),
    first_detected_at timestamptz NOT NULL DEFAULT now(),
    last_detected_at  timestamptz NOT NULL DEFAULT now(),
    acknowledged_by   uuid,
    acknowledged_at   timestamptz,
    resolved_by       uuid,
    resolved_at       timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (check_code, entity_type, entity_id)
);
CREATE INDEX system_alerts_status ON public.system_alerts (status);

-- It does not look at whether the status changed: a mere refresh rewrites who acknowledged, and when.
CREATE FUNCTION public.system_alerts_set_actor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ACK' THEN
        NEW.acknowledged_by := auth.uid();
        NEW.acknowledged_at := now();
    ELSIF NEW.status = 'RESOLVED' THEN
        NEW.resolved_by := auth.uid();
        NEW.resolved_at := now();
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER trg_system_alerts_set_actor BEFORE UPDATE ON public.system_alerts
    FOR EACH ROW EXECUTE FUNCTION public.system_alerts_set_actor();
CREATE TRIGGER trg_system_alerts_updated_at BEFORE UPDATE ON public.system_alerts
    FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

ALTER TABLE public.system_alerts ENABLE ROW LEVEL SECURITY;
CREATE POLICY system_alerts_select_authenticated ON public.system_alerts  -- trap 22
    FOR SELECT TO authenticated USING (true);
CREATE POLICY system_alerts_lecture ON public.system_alerts  -- trap 13
    FOR SELECT USING (auth.role() IS DISTINCT FROM 'service_role');
CREATE POLICY system_alerts_update_admin_directeur ON public.system_alerts  -- trap 10
    FOR UPDATE TO authenticated
    USING (EXISTS (
        SELECT 1 FROM public.profils AS p
        WHERE p.id = auth.uid() AND p.role IN ('admin', 'directeur')
    ));

-- Traps 4, 9 and 12.
CREATE FUNCTION public.sync_system_alerts_from_integrity(p_limit integer DEFAULT 200) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.system_alerts AS a
        (check_code, severity, entity_type, entity_id, message, payload)
    SELECT check_code, severity, entity_type, entity_id, message, payload
    FROM public.v_integrity_checks
    LIMIT p_limit
    ON CONFLICT (check_code, entity_type, entity_id) DO UPDATE SET
        severity = EXCLUDED.severity, message = EXCLUDED.message, payload = EXCLUDED.payload,
        last_detected_at = now(),
        status = CASE WHEN a.status = 'RESOLVED' THEN 'OPEN' ELSE a.status END;
    UPDATE public.system_alerts AS a SET status = 'RESOLVED'
    WHERE a.status <> 'RESOLVED' AND NOT EXISTS (
        SELECT FROM public.v_integrity_checks AS v
        WHERE (v.check_code, v.entity_type, v.entity_id) = (a.check_code, a.entity_type, a.entity_id)
    );
END
$$;

-- People: u-1 admin, u-2 directeur, u-3 pca, u-4 gerant; u-5 is directeur and gerant (trap 14).
INSERT INTO auth.users (id, email)
SELECT format('00000000-0000-4000-8000-00000000000%s', n)::uuid, format('personne-%s@example.org', n)
FROM generate_series(1, 5) AS n;
INSERT INTO public.profils (user_id, nom_complet, role)
SELECT format('00000000-0000-4000-8000-00000000000%s', n)::uuid, 'Profil ' || role, role
FROM (VALUES (1, 'admin'), (2, 'directeur'), (3, 'pca'), (4, 'gerant'), (5, 'directeur'), (5, 'gerant'))
    AS people (n, role);

-- Trucks c-1 to c-4, arrived long ago: four anomalies that last.
INSERT INTO public.cours_de_route (id, plaque_camion, statut, created_at)
SELECT format('c0000000-0000-4000-8000-00000000000%s', n)::uuid, format('000%sAB01', n), 'ARRIVE',
       '2026-02-01 06:00Z'
FROM generate_series(1, 4) AS n;

-- Alerts a-1 to a-9 in every state, the odd dates of real life included; a-1 to a-3 still have their
-- cause, the others don't, and truck c-4 has no alert yet.
INSERT INTO public.system_alerts
    (id, check_code, severity, entity_type, entity_id, message, payload, status,
     first_detected_at, last_detected_at, acknowledged_by, acknowledged_at, resolved_by, resolved_at,
     created_at, updated_at)
SELECT
    format('a0000000-0000-4000-8000-00000000000%s', n)::uuid,
    'CDR_ARRIVE_STALE', 'WARN', 'CDR', format('c0000000-0000-4000-8000-00000000000%s', entity)::uuid,
    format('Camion %s', n), jsonb_build_object('ancien', n), status,
    first, greatest(first, '2026-02-10 06:00Z'), ack_by, ack_at, res_by, res_at,
    '2026-02-04 06:00Z', '2026-02-15 06:00Z'
FROM (
    SELECT '00000000-0000-4000-8000-000000000002'::uuid AS directeur
) AS person
CROSS JOIN LATERAL (VALUES
    (1, '1', 'OPEN', timestamptz '2026-02-04 06:00Z', NULL::uuid, NULL::timestamptz,
        NULL::uuid, NULL::timestamptz),
    (2, '2', 'ACK', '2026-02-04 06:00Z', directeur, '2026-02-05 06:00Z', NULL, NULL),
    (3, '3', 'RESOLVED', '2026-02-04 06:00Z', directeur, '2026-02-05 06:00Z',
        directeur, '2026-02-06 06:00Z'),                                       -- its cause is still there
    (4, '5', 'ACK', '2026-02-04 06:00Z', directeur, '2026-02-05 06:00Z', NULL, NULL),
    (5, '6', 'RESOLVED', '2026-02-04 06:00Z', NULL, NULL, NULL, '2026-02-07 06:00Z'),    -- by the system
    (6, '7', 'RESOLVED', '2026-02-04 06:00Z', NULL, NULL, directeur, NULL),              -- nobody knows when
    (7, '8', 'RESOLVED', '2026-02-04 06:00Z', directeur, '2026-02-08 06:00Z',
        directeur, '2026-02-01 06:00Z'),                                       -- before it was detected
    (8, '9', 'ACK', '2026-02-20 06:00Z', NULL, '2026-02-05 06:00Z', NULL, NULL),         -- by nobody, early
    (9, 'a', 'OPEN', '2026-02-04 06:00Z', directeur, '2026-02-05 06:00Z',
        directeur, '2026-02-06 06:00Z')                                        -- reopened, not cleared
) AS old (n, entity, status, first, ack_by, ack_at, res_by, res_at);

RESET ROLE;
