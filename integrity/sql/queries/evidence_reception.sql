-- A reception, its figures NULL when NaN or infinite. Litres, °C, kg/m³ observed (the column's name,
-- densite_a_15, is a misnomer).
SELECT
    r.citerne_id,
    r.cours_de_route_id,
    gouvernance.jour(r.date_reception) AS day,
    CASE WHEN r.created_at BETWEEN '0002-01-01' AND '9998-12-31' THEN r.created_at END AS typed_at,
    r.statut,
    r.proprietaire_type,
    pa.nom AS partenaire,
    p.nom AS produit,
    gouvernance.finite(r.index_avant::numeric) AS index_avant,
    gouvernance.finite(r.index_apres::numeric) AS index_apres,
    gouvernance.finite(r.volume_ambiant::numeric) AS ambiant,
    gouvernance.finite(coalesce(r.volume_15c, r.volume_corrige_15c)::numeric) AS v15c,
    gouvernance.finite(r.temperature_ambiante_c::numeric) AS temperature,
    gouvernance.finite(r.densite_a_15::numeric) AS densite,
    r.created_by,
    r.validated_by,
    r.note
FROM public.receptions AS r
LEFT JOIN public.partenaires AS pa ON pa.id = r.partenaire_id
LEFT JOIN public.produits AS p ON p.id = r.produit_id
WHERE r.id = %(id)s
