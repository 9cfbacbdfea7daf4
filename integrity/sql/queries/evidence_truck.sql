-- A truck's journey and the reception that it led to, at most one. Litres; NULL when NaN or infinite.
SELECT
    cdr.plaque_camion,
    cdr.plaque_remorque,
    cdr.chauffeur_nom,
    cdr.transporteur,
    f.nom AS fournisseur,
    d.nom AS destination,
    p.nom AS produit,
    cdr.depart_pays,
    gouvernance.finite(cdr.volume) AS volume,
    cdr.statut,
    gouvernance.jour(cdr.date_chargement) AS date_chargement,
    CASE WHEN cdr.created_at BETWEEN '0002-01-01' AND '9998-12-31' THEN cdr.created_at END
        AS created_at,
    cdr.note,
    r.id AS reception_id,
    r.statut AS reception_statut,
    gouvernance.jour(r.date_reception) AS date_reception,
    gouvernance.finite(r.volume_ambiant::numeric) AS reception_ambiant,
    c.nom AS reception_citerne
FROM public.cours_de_route AS cdr
LEFT JOIN public.fournisseurs AS f ON f.id = cdr.fournisseur_id
LEFT JOIN public.depots AS d ON d.id = cdr.depot_destination_id
LEFT JOIN public.produits AS p ON p.id = cdr.produit_id
LEFT JOIN public.receptions AS r ON r.cours_de_route_id = cdr.id
LEFT JOIN public.citernes AS c ON c.id = r.citerne_id
WHERE cdr.id = %(id)s
