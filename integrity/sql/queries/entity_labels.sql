-- What people call the tanks, trucks, receptions, sorties and accounts of a page of alerts, and the
-- cockpit itself.
SELECT 'CITERNE_STOCK' AS kind, c.id, concat_ws(' · ', c.nom, d.nom) AS name
FROM public.citernes AS c LEFT JOIN public.depots AS d ON d.id = c.depot_id
WHERE c.id = ANY (%(ids)s)
UNION ALL
SELECT 'CDR', cdr.id, cdr.plaque_camion
FROM public.cours_de_route AS cdr
WHERE cdr.id = ANY (%(ids)s)
UNION ALL
SELECT 'RECEPTION', r.id, concat_ws(
    ' · ', c.nom, regexp_replace(r.date_reception::text, '^(\d+)-(\d+)-(\d+)$', '\3/\2/\1')
)
FROM public.receptions AS r JOIN public.citernes AS c ON c.id = r.citerne_id
WHERE r.id = ANY (%(ids)s)
UNION ALL
SELECT 'SORTIE', s.id, concat_ws(' · ', c.nom, s.plaque_camion)
FROM public.sorties_produit AS s JOIN public.citernes AS c ON c.id = s.citerne_id
WHERE s.id = ANY (%(ids)s)
UNION ALL
SELECT 'PROFIL', p.user_id, p.nom
FROM gouvernance.profile_names(%(ids)s) AS p
UNION ALL
SELECT 'ACCES', cockpit, 'au cockpit de gouvernance'
FROM unnest(%(ids)s::uuid[]) AS cockpit
WHERE cockpit = 'acce55e5-0000-4000-8000-000000000000'
