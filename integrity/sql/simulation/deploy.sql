-- The simulation report: what ML_PP stored of its validated gasoil receptions beside ASTM tables 53B and
-- 54B. It reads; nothing of ML_PP's is ever written. What is written is who approved which report.

-- One row per validated gasoil reception. Litres, °C, kg/m³; NULL where a figure is missing, NaN, infinite
-- or outside the tables. `densite` is what `densite_a_15` holds: the observed density.
--   p_rounding  'ml_pp': VCF to four decimals, volume to 0.1 L. 'exact': neither; figures then end beyond
--               what two machines could compute differently (VCF 12 decimals, volume 6).
--   ecart       computed less stored, what the books would gain; within ± 0.1 % of the stored volume or not.
--   as_true     the volume at 15 °C if `densite_a_15` were the density at 15 °C that its name says.
--   stock_15c   what the books hold now of that tank, product and owner.
--   canonical   what the report's checksum covers of the row.
CREATE OR REPLACE FUNCTION gouvernance.simulation_lines(
    p_from date, p_to date, p_depot uuid, p_tank uuid, p_rounding text, p_hydrometer boolean
) RETURNS TABLE (
    reception_id uuid,
    date_reception date,
    created_at timestamptz,
    citerne_id uuid,
    citerne text,
    depot text,
    produit_id uuid,
    produit text,
    proprietaire_type text,
    plaque_camion text,
    ambiant numeric,
    densite numeric,
    temperature numeric,
    stocke numeric,
    densite_15 numeric,
    vcf numeric,
    calcule numeric,
    ecart numeric,
    within_tolerance boolean,
    as_true numeric,
    stock_15c numeric,
    canonical text
)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT
        r.id,
        r.date_reception,
        r.created_at,
        r.citerne_id,
        c.nom,
        d.nom,
        r.produit_id,
        p.nom,
        r.proprietaire_type,
        cdr.plaque_camion,
        m.ambiant,
        m.densite,
        m.temperature,
        m.stocke,
        t.densite_15,
        t.vcf,
        v.calcule,
        v.calcule - m.stocke,
        abs(v.calcule - m.stocke) <= abs(m.stocke) * 0.001,
        m.ambiant * gouvernance.astm54b_vcf(r.densite_a_15, r.temperature_ambiante_c)::numeric,
        s.stock_15c,
        jsonb_build_array(
            r.id, r.date_reception, r.citerne_id, r.produit_id, r.proprietaire_type,
            m.ambiant, m.densite, m.temperature, m.stocke, t.densite_15, t.vcf, v.calcule, s.stock_15c
        )::text
    FROM public.receptions AS r
    JOIN public.produits AS p ON p.id = r.produit_id
    LEFT JOIN public.citernes AS c ON c.id = r.citerne_id
    LEFT JOIN public.depots AS d ON d.id = c.depot_id
    LEFT JOIN public.cours_de_route AS cdr ON cdr.id = r.cours_de_route_id
    LEFT JOIN gouvernance.v_stock_reel AS s
        ON (s.citerne_id, s.produit_id, s.proprietaire_type)
            = (r.citerne_id, r.produit_id, r.proprietaire_type)
    CROSS JOIN LATERAL (
        SELECT
            gouvernance.finite(r.volume_ambiant::numeric) AS ambiant,
            gouvernance.finite(r.densite_a_15::numeric) AS densite,
            gouvernance.finite(r.temperature_ambiante_c::numeric) AS temperature,
            gouvernance.finite(coalesce(r.volume_15c, r.volume_corrige_15c)::numeric) AS stocke,
            gouvernance.astm53b_density_15(r.densite_a_15, r.temperature_ambiante_c, p_hydrometer)
                AS densite_15
        OFFSET 0
    ) AS m
    CROSS JOIN LATERAL (
        SELECT
            round(m.densite_15::numeric, 6) AS densite_15,
            round(
                gouvernance.astm54b_vcf(m.densite_15, r.temperature_ambiante_c)::numeric,
                CASE p_rounding WHEN 'ml_pp' THEN 4 WHEN 'exact' THEN 12 END
            ) AS vcf
        OFFSET 0
    ) AS t
    CROSS JOIN LATERAL (
        SELECT round(
            CASE WHEN m.ambiant BETWEEN 0 AND 1e12 THEN m.ambiant * t.vcf END,
            CASE p_rounding WHEN 'ml_pp' THEN 1 WHEN 'exact' THEN 6 END
        ) AS calcule
        OFFSET 0
    ) AS v
    WHERE r.statut = 'validee'
        AND gouvernance.is_gasoil(p.code, p.nom)
        AND (p_from IS NULL OR r.date_reception >= p_from)
        AND (p_to IS NULL OR r.date_reception <= p_to)
        AND (p_depot IS NULL OR c.depot_id = p_depot)
        AND (p_tank IS NULL OR r.citerne_id = p_tank)
$$;

-- sha256 of the method's version and the parameters, as a JSON array on the first line, then of the rows'
-- canonical arrays in the order of their bytes. docs/astm-53b.md describes the form.
CREATE OR REPLACE FUNCTION gouvernance.simulation_checksum(
    p_from date, p_to date, p_depot uuid, p_tank uuid, p_rounding text, p_hydrometer boolean, p_rows text[]
) RETURNS text
LANGUAGE sql STABLE SET search_path = ''
RETURN encode(sha256(convert_to(concat_ws(
    E'\n',
    jsonb_build_array('ASTM53B/1', p_from, p_to, p_depot, p_tank, p_rounding, p_hydrometer)::text,
    (SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM unnest(p_rows) AS line)
), 'UTF8')), 'hex');

CREATE TABLE IF NOT EXISTS gouvernance.simulation_approvals (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    checksum    text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
    parameters  jsonb NOT NULL,
    totals      jsonb NOT NULL,  -- counts and litres, as approved
    note        text NOT NULL CHECK (length(btrim(note)) >= 10 AND length(note) <= 2000),
    stop_gate   text NOT NULL DEFAULT 'ASTM53B',
    approved_by uuid NOT NULL,   -- auth.users.id
    approved_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (checksum, approved_by, stop_gate)
);
CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON gouvernance.simulation_approvals
    FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting();

ALTER TABLE gouvernance.simulation_approvals ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON gouvernance.simulation_approvals FROM PUBLIC, mlpp_gov_app, authenticated, service_role;
GRANT SELECT ON gouvernance.simulation_approvals TO authenticated;
DROP POLICY IF EXISTS gouvernance_read ON gouvernance.simulation_approvals;
CREATE POLICY gouvernance_read ON gouvernance.simulation_approvals FOR SELECT TO authenticated
    USING ((SELECT gouvernance.role_of(auth.uid())) IN ('admin', 'directeur', 'pca'));

-- Approve the report of that checksum, recomputed here over everything there is, whatever part of it the
-- person may read. Returns the approval's id; NULL when this person had already approved that report.
-- A directeur or the PCA authorises what is done to production (PLAN_EXECUTION, scenario B); an
-- administrator, who then does it, does not.
-- Raises GV001 when the data have changed, GV003 for an impossible request, GV004 for anybody else.
CREATE OR REPLACE FUNCTION gouvernance.approve_simulation(
    p_checksum text, p_from date, p_to date, p_depot uuid, p_tank uuid, p_rounding text,
    p_hydrometer boolean, p_note text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    found_checksum text;
    found_totals   jsonb;
    approval       bigint;
BEGIN
    IF coalesce(gouvernance.role_of(auth.uid()), '') NOT IN ('directeur', 'pca') THEN
        RAISE EXCEPTION 'Un rapport de simulation est approuvé par un directeur ou le PCA.'
            USING ERRCODE = 'GV004';
    END IF;
    IF coalesce(length(btrim(p_note)) < 10 OR length(p_note) > 2000, true) THEN
        RAISE EXCEPTION 'La note a de 10 à 2000 caractères.' USING ERRCODE = 'GV003';
    END IF;
    IF coalesce(p_rounding, '') NOT IN ('ml_pp', 'exact') OR p_hydrometer IS NULL THEN
        RAISE EXCEPTION 'Paramètre inconnu.' USING ERRCODE = 'GV003';
    END IF;
    SELECT
        gouvernance.simulation_checksum(
            p_from, p_to, p_depot, p_tank, p_rounding, p_hydrometer, array_agg(canonical)
        ),
        jsonb_build_object(
            'receptions', count(*),
            'non_calculables', count(*) FILTER (WHERE ecart IS NULL),
            'hors_tolerance', count(*) FILTER (WHERE NOT within_tolerance),
            'stocke', sum(stocke) FILTER (WHERE ecart IS NOT NULL),
            'calcule', sum(calcule) FILTER (WHERE ecart IS NOT NULL),
            'ecart', sum(ecart)
        )
    INTO found_checksum, found_totals
    FROM gouvernance.simulation_lines(p_from, p_to, p_depot, p_tank, p_rounding, p_hydrometer);
    IF found_checksum IS DISTINCT FROM p_checksum THEN
        RAISE EXCEPTION 'Les données ont changé depuis.' USING ERRCODE = 'GV001';
    END IF;
    IF (found_totals ->> 'receptions')::bigint = 0 THEN
        RAISE EXCEPTION 'Le rapport ne contient aucune réception : il n’y a rien à approuver.'
            USING ERRCODE = 'GV003';
    END IF;
    INSERT INTO gouvernance.simulation_approvals (checksum, parameters, totals, note, approved_by)
    VALUES (
        p_checksum,
        jsonb_build_object(
            'from', p_from, 'to', p_to, 'depot', p_depot, 'tank', p_tank, 'rounding', p_rounding,
            'hydrometer', p_hydrometer
        ),
        found_totals, p_note, auth.uid()
    )
    ON CONFLICT (checksum, approved_by, stop_gate) DO NOTHING
    RETURNING id INTO approval;
    RETURN approval;
END
$$;

REVOKE ALL ON FUNCTION
    gouvernance.simulation_lines(date, date, uuid, uuid, text, boolean),
    gouvernance.simulation_checksum(date, date, uuid, uuid, text, boolean, text[]),
    gouvernance.approve_simulation(text, date, date, uuid, uuid, text, boolean, text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.simulation_lines(date, date, uuid, uuid, text, boolean),
    gouvernance.simulation_checksum(date, date, uuid, uuid, text, boolean, text[]),
    gouvernance.approve_simulation(text, date, date, uuid, uuid, text, boolean, text)
    TO authenticated;
