-- Depots and tanks that a simulation may be narrowed to; `depot` is a tank's.
SELECT 'depot' AS kind, id, nom AS label, NULL AS depot FROM public.depots
UNION ALL
SELECT 'tank', c.id, c.nom, d.nom
FROM public.citernes AS c
LEFT JOIN public.depots AS d ON d.id = c.depot_id
ORDER BY kind, label, depot, id
