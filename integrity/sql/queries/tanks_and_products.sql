-- What a stock can be declared for, by name; read as the person.
SELECT 'citerne' AS kind, c.id, concat_ws(' · ', c.nom, d.nom) AS name
FROM public.citernes AS c LEFT JOIN public.depots AS d ON d.id = c.depot_id
UNION ALL
SELECT 'produit', id, nom FROM public.produits
ORDER BY name, id
