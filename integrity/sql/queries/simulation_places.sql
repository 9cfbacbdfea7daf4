-- Depots and tanks that a simulation may be narrowed to.
SELECT 'depot' AS kind, id, nom AS label FROM public.depots
UNION ALL
SELECT 'tank', c.id, c.nom || ' · ' || coalesce(d.nom, 'sans dépôt')
FROM public.citernes AS c
LEFT JOIN public.depots AS d ON d.id = c.depot_id
ORDER BY kind, label, id
