-- The lines of a simulation report in the order of time, and the checksum of all of them on each; one
-- row without a reception when the report has none. One statement, so that both are of one moment.
WITH lines AS MATERIALIZED (
    SELECT * FROM gouvernance.simulation_lines(
        %(first_day)s, %(last_day)s, %(depot)s, %(tank)s, %(rounding)s, %(hydrometer)s
    )
    LIMIT %(limit)s
),
seal AS (
    SELECT gouvernance.simulation_checksum(
        %(first_day)s, %(last_day)s, %(depot)s, %(tank)s, %(rounding)s, %(hydrometer)s,
        array_agg(canonical)
    ) AS checksum
    FROM lines
)
SELECT
    seal.checksum,
    lines.reception_id,
    gouvernance.jour(lines.date_reception) AS day,
    lines.citerne_id AS tank_id,
    lines.citerne AS tank,
    lines.depot,
    lines.produit_id AS product_id,
    lines.produit AS product,
    lines.proprietaire_type AS owner,
    lines.plaque_camion AS plate,
    lines.ambiant AS ambient,
    lines.densite AS observed,
    lines.temperature,
    lines.stocke AS stored,
    lines.densite_15 AS density_15,
    lines.vcf,
    lines.calcule AS computed,
    lines.ecart AS difference,
    coalesce(lines.within_tolerance, false) AS is_within_tolerance,
    lines.as_true,
    lines.stock_15c AS stock
FROM seal
LEFT JOIN lines ON true
ORDER BY lines.date_reception, lines.created_at, lines.reception_id
