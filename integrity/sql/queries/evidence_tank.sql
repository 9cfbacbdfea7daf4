-- A tank's card. Litres; NULL when a figure is NaN or infinite.
SELECT
    c.nom,
    d.nom AS depot,
    p.nom AS produit,
    c.localisation,
    c.statut,
    gouvernance.finite(c.capacite_totale::numeric) AS capacite_totale,
    gouvernance.finite(c.capacite_securite::numeric) AS capacite_securite,
    gouvernance.finite(c.capacite_totale::numeric - c.capacite_securite::numeric) AS capacite_utile
FROM public.citernes AS c
LEFT JOIN public.depots AS d ON d.id = c.depot_id
LEFT JOIN public.produits AS p ON p.id = c.produit_id
WHERE c.id = %(id)s
