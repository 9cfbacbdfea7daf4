-- What the books say of each owner in a tank now: not clamped at zero, so that a hole shows.
SELECT s.proprietaire_type, p.nom AS produit, s.stock_ambiant, s.stock_15c
FROM gouvernance.v_stock_reel AS s
LEFT JOIN public.produits AS p ON p.id = s.produit_id
WHERE s.citerne_id = %(id)s
ORDER BY s.proprietaire_type, p.nom, s.produit_id
