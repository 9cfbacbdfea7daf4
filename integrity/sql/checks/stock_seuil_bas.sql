-- code: STOCK_SEUIL_BAS
-- severity: WARN
-- entity: CITERNE_STOCK
-- label: Stock bas
-- rule: Citerne active, ayant une ligne de stock, dont le stock ambiant, tous propriétaires et produits, est sous 5 % (seuil) de sa capacité utile sans être négatif.
-- why: La citerne ne peut plus servir les sorties prévues, ou la pompe va aspirer le fond : il faut réapprovisionner avant la rupture.
-- action: Jauger la citerne ; suspendre les sorties prévues ou les servir d’une autre ; programmer un camion.
-- limits: Lit les livres, pas la jauge. Une citerne sans ligne dans stocks_snapshot est tenue pour inutilisée ; un stock négatif relève de STOCK_NEGATIF. La capacité utile est capacite_totale − capacite_securite (règle V1). Si un des stocks de la citerne est NaN ou infini, elle n’est pas jugée.
-- occurred: Le dernier mouvement ou ajustement de la citerne : au plus tard ce moment-là.
-- threshold: seuil = 5 % [0.1 ; 50] Part de la capacité utile sous laquelle le stock est bas
SELECT
    c.id AS entity_id,
    format(
        '%s · %s : stock bas, %s sur %s de capacité utile (%s %%)',
        c.nom, coalesce(d.nom, 'sans dépôt'),
        gouvernance.litres(t.stock_ambiant), gouvernance.litres(utile.litres),
        replace(round(t.stock_ambiant * 100 / utile.litres, 1)::text, '.', ',')
    ) AS message,
    jsonb_build_object(
        'figure', utile.litres * seuil.part - t.stock_ambiant,
        'citerne_id', c.id,
        'depot_id', c.depot_id,
        'produit_id', c.produit_id,
        'stock_ambiant', t.stock_ambiant,
        'capacite_totale', gouvernance.finite(c.capacite_totale::numeric),
        'capacite_securite', gouvernance.finite(c.capacite_securite::numeric),
        'capacite_utile', utile.litres,
        'occurred_at', gouvernance.moment(t.last_change_at)
    ) AS payload
FROM (
    SELECT gouvernance.threshold('STOCK_SEUIL_BAS', 'seuil') / 100 AS part OFFSET 0
) AS seuil
CROSS JOIN (
    SELECT
        citerne_id,
        CASE WHEN count(stock_ambiant) = count(*) THEN sum(stock_ambiant) END AS stock_ambiant,
        max(last_change_at) AS last_change_at
    FROM gouvernance.v_stock_reel
    GROUP BY citerne_id
) AS t
JOIN public.citernes AS c ON c.id = t.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN LATERAL (
    SELECT gouvernance.finite(c.capacite_totale::numeric - c.capacite_securite::numeric) AS litres
) AS utile
WHERE c.statut = 'active' AND utile.litres > 0
    AND t.stock_ambiant >= 0 AND t.stock_ambiant < utile.litres * seuil.part
