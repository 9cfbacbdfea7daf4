-- A stand-in for the ML_PP schema (contract, section 1), for development and tests only.
-- Runs as superuser, in one transaction, on PostgreSQL 15 to 18, whatever the search_path.

DO $$
DECLARE
    present text;
BEGIN
    SELECT string_agg(name, ', ') INTO present
    FROM unnest(ARRAY[
        'auth.users',
        'public.depots', 'public.produits', 'public.citernes', 'public.fournisseurs',
        'public.clients', 'public.partenaires', 'public.cours_de_route', 'public.receptions',
        'public.sorties_produit', 'public.stocks_snapshot', 'public.stocks_adjustments',
        'public.stocks_journaliers', 'public.profils', 'public.log_actions', 'public.v_stock_actuel'
    ]) AS name
    WHERE to_regclass(name) IS NOT NULL;
    IF present IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_table',
            MESSAGE = 'Cette base contient déjà des tables de ML_PP (' || present
                || ') : le schéma de remplacement ne s’installe que dans une base sans elles.';
    END IF;
END
$$;

-- Roles belong to the whole cluster: another database, or another session, may have made them.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
        IF to_regrole(role_name) IS NULL THEN
            BEGIN
                EXECUTE format(
                    'CREATE ROLE %I NOLOGIN %s',
                    role_name,
                    CASE role_name WHEN 'service_role' THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END
                );
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
    END LOOP;
END
$$;

-- Supabase ----------------------------------------------------------------------------------------

CREATE SCHEMA IF NOT EXISTS auth;
-- How `manage.py demo` knows that it may fill, or empty, this database.
COMMENT ON SCHEMA auth IS 'stand-in ML_PP';

CREATE TABLE auth.users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email text
);
ALTER TABLE auth.users ENABLE ROW LEVEL SECURITY;

-- The claims are NULL before their first use in a session and '' after the transaction that set them.
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT nullif(
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''
    )::uuid
$$;

CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
$$;

-- Reference data ----------------------------------------------------------------------------------

CREATE TABLE public.depots (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    nom text NOT NULL,
    adresse text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.produits (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    nom text NOT NULL UNIQUE,
    code text UNIQUE,
    description text,
    actif boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.citernes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    depot_id uuid REFERENCES public.depots,
    nom text NOT NULL,
    capacite_totale double precision NOT NULL CHECK (capacite_totale > 0),
    capacite_securite double precision NOT NULL DEFAULT 0 CHECK (capacite_securite >= 0),
    localisation text,
    statut text NOT NULL DEFAULT 'active' CHECK (statut IN ('active', 'inactive', 'maintenance')),
    produit_id uuid NOT NULL REFERENCES public.produits,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.fournisseurs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    nom text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.clients (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    nom text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.partenaires (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    nom text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Movements ---------------------------------------------------------------------------------------

CREATE TABLE public.cours_de_route (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    fournisseur_id uuid REFERENCES public.fournisseurs,
    depot_destination_id uuid REFERENCES public.depots,
    produit_id uuid REFERENCES public.produits,
    plaque_camion text NOT NULL,
    plaque_remorque text,
    chauffeur_nom text,
    transporteur text,
    depart_pays text,
    date_chargement date,
    volume numeric,
    statut text NOT NULL DEFAULT 'CHARGEMENT'
        CHECK (statut IN ('CHARGEMENT', 'TRANSIT', 'FRONTIERE', 'ARRIVE', 'DECHARGE')),
    note text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX cours_de_route_plaque_ouverte
    ON public.cours_de_route (plaque_camion) WHERE statut <> 'DECHARGE';

CREATE TABLE public.receptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    cours_de_route_id uuid REFERENCES public.cours_de_route,
    citerne_id uuid NOT NULL REFERENCES public.citernes,
    produit_id uuid NOT NULL REFERENCES public.produits,
    partenaire_id uuid REFERENCES public.partenaires,
    index_avant double precision,
    index_apres double precision,
    volume_ambiant double precision,
    volume_observe double precision,
    volume_15c double precision,
    volume_corrige_15c double precision,
    temperature_ambiante_c double precision,
    densite_a_15 double precision,
    proprietaire_type text NOT NULL DEFAULT 'MONALUXE'
        CHECK (proprietaire_type IN ('MONALUXE', 'PARTENAIRE')),
    statut text NOT NULL DEFAULT 'validee' CHECK (statut IN ('validee', 'rejetee')),
    date_reception date NOT NULL DEFAULT current_date,
    created_by uuid DEFAULT auth.uid(),
    validated_by uuid,
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT receptions_index_check CHECK (0 <= index_avant AND index_avant < index_apres),
    CONSTRAINT receptions_volume_ambiant_check CHECK (statut <> 'validee' OR volume_ambiant IS NOT NULL),
    CONSTRAINT receptions_partenaire_check
        CHECK (proprietaire_type <> 'PARTENAIRE' OR partenaire_id IS NOT NULL)
);
CREATE UNIQUE INDEX receptions_cours_de_route_unique
    ON public.receptions (cours_de_route_id) WHERE cours_de_route_id IS NOT NULL;
COMMENT ON COLUMN public.receptions.densite_a_15 IS 'Densité observée, malgré son nom (kg/m³)';

CREATE TABLE public.sorties_produit (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    citerne_id uuid NOT NULL REFERENCES public.citernes,
    produit_id uuid NOT NULL REFERENCES public.produits,
    client_id uuid REFERENCES public.clients,
    partenaire_id uuid REFERENCES public.partenaires,
    index_avant double precision,
    index_apres double precision,
    volume_ambiant double precision,
    volume_corrige_15c double precision,
    temperature_ambiante_c double precision,
    densite_a_15 double precision,
    proprietaire_type text NOT NULL DEFAULT 'MONALUXE'
        CHECK (proprietaire_type IN ('MONALUXE', 'PARTENAIRE')),
    statut text NOT NULL DEFAULT 'brouillon' CHECK (statut IN ('brouillon', 'validee', 'rejetee')),
    date_sortie timestamptz NOT NULL DEFAULT now(),
    chauffeur_nom text,
    plaque_camion text,
    transporteur text,
    created_by uuid DEFAULT auth.uid(),
    validated_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sorties_produit_volume_ambiant_check
        CHECK (statut <> 'validee' OR volume_ambiant IS NOT NULL),
    CONSTRAINT sorties_produit_beneficiaire_check
        CHECK (client_id IS NOT NULL OR partenaire_id IS NOT NULL)
);

CREATE FUNCTION public.refuser_mouvement_valide() RETURNS trigger
    LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'restrict_violation',
        MESSAGE = 'Mouvement validé immuable (' || TG_TABLE_NAME || ' ' || OLD.id
            || ') : corrigez-le par un ajustement de stock.';
END
$$;

CREATE TRIGGER receptions_immuables BEFORE UPDATE OR DELETE ON public.receptions
    FOR EACH ROW WHEN (OLD.statut = 'validee')
    EXECUTE FUNCTION public.refuser_mouvement_valide();
CREATE TRIGGER sorties_produit_immuables BEFORE UPDATE OR DELETE ON public.sorties_produit
    FOR EACH ROW WHEN (OLD.statut = 'validee')
    EXECUTE FUNCTION public.refuser_mouvement_valide();

-- Stock -------------------------------------------------------------------------------------------

CREATE TABLE public.stocks_snapshot (
    citerne_id uuid NOT NULL REFERENCES public.citernes,
    produit_id uuid NOT NULL REFERENCES public.produits,
    proprietaire_type text NOT NULL CHECK (proprietaire_type IN ('MONALUXE', 'PARTENAIRE')),
    depot_id uuid REFERENCES public.depots,
    stock_ambiant double precision NOT NULL DEFAULT 0 CHECK (stock_ambiant >= 0),
    stock_15c double precision NOT NULL DEFAULT 0 CHECK (stock_15c >= 0),
    last_movement_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (citerne_id, produit_id, proprietaire_type)
);

CREATE TABLE public.stocks_adjustments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    mouvement_type text NOT NULL CHECK (mouvement_type IN ('RECEPTION', 'SORTIE')),
    mouvement_id uuid NOT NULL,
    delta_ambiant double precision NOT NULL,
    delta_15c double precision NOT NULL,
    reason text NOT NULL CHECK (char_length(reason) >= 10),
    created_by uuid DEFAULT auth.uid(),
    created_at timestamptz NOT NULL DEFAULT now(),
    depot_id uuid REFERENCES public.depots,
    citerne_id uuid NOT NULL REFERENCES public.citernes,
    produit_id uuid NOT NULL REFERENCES public.produits,
    proprietaire_type text NOT NULL CHECK (proprietaire_type IN ('MONALUXE', 'PARTENAIRE'))
);

CREATE TABLE public.stocks_journaliers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    citerne_id uuid NOT NULL REFERENCES public.citernes,
    produit_id uuid NOT NULL REFERENCES public.produits,
    date_jour date NOT NULL,
    proprietaire_type text NOT NULL CHECK (proprietaire_type IN ('MONALUXE', 'PARTENAIRE')),
    stock_ambiant double precision NOT NULL DEFAULT 0,
    stock_15c double precision NOT NULL DEFAULT 0,
    depot_id uuid REFERENCES public.depots,
    source text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (citerne_id, produit_id, date_jour, proprietaire_type)
);

CREATE FUNCTION public.dater_mise_a_jour() RETURNS trigger
    LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

CREATE TRIGGER stocks_snapshot_date BEFORE UPDATE ON public.stocks_snapshot
    FOR EACH ROW EXECUTE FUNCTION public.dater_mise_a_jour();
CREATE TRIGGER stocks_journaliers_date BEFORE UPDATE ON public.stocks_journaliers
    FOR EACH ROW EXECUTE FUNCTION public.dater_mise_a_jour();

REVOKE EXECUTE ON FUNCTION public.refuser_mouvement_valide(), public.dater_mise_a_jour() FROM PUBLIC;

-- Clamped at zero, and blind to the adjustments of a tank without depot: as in ML_PP (`=` on depot_id).
CREATE VIEW public.v_stock_actuel WITH (security_invoker = true) AS
SELECT
    s.depot_id,
    s.citerne_id,
    s.produit_id,
    s.proprietaire_type,
    greatest(s.stock_ambiant + coalesce(a.delta_ambiant_total, 0), 0) AS stock_ambiant,
    greatest(s.stock_15c + coalesce(a.delta_15c_total, 0), 0) AS stock_15c,
    s.last_movement_at,
    s.updated_at,
    s.stock_ambiant AS stock_ambiant_base,
    s.stock_15c AS stock_15c_base,
    coalesce(a.delta_ambiant_total, 0) AS delta_ambiant_total,
    coalesce(a.delta_15c_total, 0) AS delta_15c_total
FROM public.stocks_snapshot AS s
LEFT JOIN (
    SELECT
        depot_id,
        citerne_id,
        produit_id,
        proprietaire_type,
        sum(delta_ambiant) AS delta_ambiant_total,
        sum(delta_15c) AS delta_15c_total
    FROM public.stocks_adjustments
    GROUP BY depot_id, citerne_id, produit_id, proprietaire_type
) AS a
    ON a.depot_id = s.depot_id
    AND a.citerne_id = s.citerne_id
    AND a.produit_id = s.produit_id
    AND a.proprietaire_type = s.proprietaire_type;

-- People and audit --------------------------------------------------------------------------------

CREATE TABLE public.profils (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES auth.users,
    nom_complet text,
    role text NOT NULL CHECK (role IN ('admin', 'directeur', 'gerant', 'lecture', 'pca')),
    depot_id uuid REFERENCES public.depots,
    email text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX profils_user_id ON public.profils (user_id);

CREATE TABLE public.log_actions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid,
    action text NOT NULL,
    module text NOT NULL,
    niveau text NOT NULL DEFAULT 'INFO' CHECK (niveau IN ('INFO', 'WARNING', 'CRITICAL')),
    details jsonb,
    cible_id uuid,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Rights: anon has none, service_role has all, authenticated has what a policy below is meant for ---

GRANT USAGE ON SCHEMA auth, public TO anon, authenticated, service_role;
GRANT ALL ON ALL TABLES IN SCHEMA auth TO service_role;

DO $$
DECLARE
    people text := 'EXISTS (SELECT FROM public.profils AS p WHERE p.user_id = (SELECT auth.uid())%s)';
    anyone text := format(people, '');
    writers text := format(people, ' AND p.role IN (''admin'', ''directeur'', ''gerant'')');
    admins text := format(people, ' AND p.role = ''admin''');
    reference text[] := ARRAY[
        'depots', 'produits', 'citernes', 'fournisseurs', 'clients', 'partenaires'
    ];
    movement text[] := ARRAY['cours_de_route', 'receptions', 'sorties_produit'];
    stock text[] := ARRAY['stocks_snapshot', 'stocks_journaliers', 'stocks_adjustments'];
    person text[] := ARRAY['profils', 'log_actions'];
    name text;
    allowed text;
BEGIN
    FOREACH name IN ARRAY reference || movement || stock || person LOOP
        EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('GRANT ALL ON public.%I TO service_role', name);
        EXECUTE format('GRANT SELECT ON public.%I TO authenticated', name);
    END LOOP;
    FOREACH name IN ARRAY reference || movement || stock LOOP
        EXECUTE format(
            'CREATE POLICY lecture ON public.%I FOR SELECT TO authenticated USING (%s)', name, anyone
        );
    END LOOP;
    FOREACH name IN ARRAY reference || movement LOOP
        allowed := CASE WHEN name = ANY (reference) THEN admins ELSE writers END;
        EXECUTE format('GRANT INSERT, UPDATE ON public.%I TO authenticated', name);
        EXECUTE format(
            'CREATE POLICY ajout ON public.%I FOR INSERT TO authenticated WITH CHECK (%s)',
            name, allowed
        );
        EXECUTE format(
            'CREATE POLICY modification ON public.%I FOR UPDATE TO authenticated'
            ' USING (%s) WITH CHECK (%s)',
            name, allowed, allowed
        );
    END LOOP;

    GRANT INSERT ON public.stocks_adjustments TO authenticated;
    EXECUTE format(
        'CREATE POLICY ajout ON public.stocks_adjustments FOR INSERT TO authenticated'
        ' WITH CHECK (created_by = (SELECT auth.uid()) AND %s)',
        writers
    );

    EXECUTE format(
        'CREATE POLICY lecture ON public.log_actions FOR SELECT TO authenticated USING (%s)',
        format(people, ' AND p.role IN (''admin'', ''directeur'')')
    );
END
$$;

GRANT SELECT ON public.v_stock_actuel TO authenticated;
GRANT ALL ON public.v_stock_actuel TO service_role;

GRANT INSERT ON public.log_actions TO authenticated;
CREATE POLICY ajout ON public.log_actions FOR INSERT TO authenticated
    WITH CHECK (user_id = (SELECT auth.uid()));

-- A person sees and renames themself; the grant stops at that column, so nobody changes their role.
GRANT UPDATE (nom_complet) ON public.profils TO authenticated;
CREATE POLICY lecture ON public.profils FOR SELECT TO authenticated
    USING (user_id = (SELECT auth.uid()));
CREATE POLICY modification ON public.profils FOR UPDATE TO authenticated
    USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));
