-- Stocks and movements as the checks and the evidence read them.

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
