-- A sortie, its figures NULL when NaN or infinite. Litres, °C, kg/m³.
SELECT
    s.citerne_id,
    CASE WHEN s.date_sortie BETWEEN '0002-01-01' AND '9998-12-31' THEN s.date_sortie END AS left_at,
    CASE WHEN s.created_at BETWEEN '0002-01-01' AND '9998-12-31' THEN s.created_at END AS typed_at,
    s.statut,
    s.proprietaire_type,
    pa.nom AS partenaire,
    cl.nom AS client,
    p.nom AS produit,
    gouvernance.finite(s.index_avant::numeric) AS index_avant,
    gouvernance.finite(s.index_apres::numeric) AS index_apres,
    gouvernance.finite(s.volume_ambiant::numeric) AS ambiant,
    -- volume_15c exists on some installations only (contract, trap 6).
    gouvernance.finite(coalesce(
        (to_jsonb(s) ->> 'volume_15c')::numeric, s.volume_corrige_15c::numeric
    )) AS v15c,
    gouvernance.finite(s.temperature_ambiante_c::numeric) AS temperature,
    gouvernance.finite(s.densite_a_15::numeric) AS densite,
    s.plaque_camion,
    s.chauffeur_nom,
    s.transporteur,
    s.created_by,
    s.validated_by
FROM public.sorties_produit AS s
LEFT JOIN public.partenaires AS pa ON pa.id = s.partenaire_id
LEFT JOIN public.clients AS cl ON cl.id = s.client_id
LEFT JOIN public.produits AS p ON p.id = s.produit_id
WHERE s.id = %(id)s
