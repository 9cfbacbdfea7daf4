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
    lines.citerne_id,
    coalesce(lines.citerne, 'citerne inconnue'),
    coalesce(lines.depot, 'sans dépôt'),
    lines.produit_id,
    lines.produit,
    coalesce(lines.proprietaire_type, 'inconnu'),
    lines.plaque_camion,
    lines.ambiant,
    lines.densite,
    lines.temperature,
    lines.stocke,
    lines.densite_15,
    lines.vcf,
    lines.calcule,
    lines.ecart,
    coalesce(lines.within_tolerance, false),
    lines.as_true,
    lines.stock_15c
FROM seal
LEFT JOIN lines ON true
ORDER BY lines.date_reception, lines.created_at, lines.reception_id
