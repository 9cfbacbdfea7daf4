-- The stock that the books really say: snapshot plus adjustments, not clamped at zero (contract,
-- trap 1) and not joined on depot_id, so that a tank without depot keeps its adjustments (trap 16).
-- Litres; NULL when a figure is NaN or infinite.
CREATE OR REPLACE VIEW gouvernance.v_stock_reel WITH (security_invoker = true) AS
SELECT
    s.citerne_id,
    s.produit_id,
    s.proprietaire_type,
    gouvernance.finite(s.stock_ambiant::numeric + coalesce(a.delta_ambiant, 0)) AS stock_ambiant,
    gouvernance.finite(s.stock_15c::numeric + coalesce(a.delta_15c, 0)) AS stock_15c
FROM public.stocks_snapshot AS s
LEFT JOIN (
    SELECT
        citerne_id,
        produit_id,
        proprietaire_type,
        sum(delta_ambiant::numeric) AS delta_ambiant,
        sum(delta_15c::numeric) AS delta_15c
    FROM public.stocks_adjustments
    GROUP BY citerne_id, produit_id, proprietaire_type
) AS a USING (citerne_id, produit_id, proprietaire_type);

REVOKE ALL ON gouvernance.v_stock_reel FROM PUBLIC, anon, mlpp_gov_app;
GRANT SELECT ON gouvernance.v_stock_reel TO authenticated, service_role;

CREATE OR REPLACE VIEW public.v_integrity_checks WITH (security_invoker = true) AS
{{ checks }};

REVOKE ALL ON public.v_integrity_checks FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON public.v_integrity_checks TO authenticated, service_role;
