-- code: CITERNE_SANS_DEPOT
-- severity: WARN
-- entity: CITERNE_STOCK
-- label: Citerne sans dépôt
-- rule: Citerne sans dépôt, en service ou dont le stock d’un propriétaire n’est pas nul.
-- why: L’application ML_PP ignore les ajustements d’une citerne sans dépôt : le stock qu’elle affiche reste faux après chaque correction, et la citerne manque aux totaux de tous les dépôts.
-- action: Rattacher la citerne à son dépôt dans ML_PP, ou la vider et la mettre hors service.
-- limits: Ne voit que l’absence de dépôt, pas un dépôt faux. Un stock NaN ou infini est tenu pour inconnu.
-- occurred: Inconnu : ML_PP ne garde pas l’histoire des citernes.
SELECT
    c.id AS entity_id,
    format(
        '%s : %s sans dépôt, stock de %s',
        c.nom, CASE c.statut WHEN 'active' THEN 'citerne en service' ELSE 'citerne hors service' END,
        coalesce(gouvernance.litres(s.stock_ambiant), 'volume inconnu')
    ) AS message,
    jsonb_build_object(
        'figure', abs(s.stock_ambiant),
        'citerne_id', c.id,
        'depot_id', NULL,
        'produit_id', c.produit_id,
        'statut', c.statut,
        'stock_ambiant', s.stock_ambiant,
        'stock_15c', s.stock_15c,
        'occurred_at', NULL
    ) AS payload
FROM public.citernes AS c
LEFT JOIN (
    SELECT
        citerne_id,
        sum(stock_ambiant) AS stock_ambiant,
        sum(stock_15c) AS stock_15c,
        bool_or(stock_ambiant <> 0 OR stock_15c <> 0) AS occupee
    FROM gouvernance.v_stock_reel
    GROUP BY citerne_id
) AS s ON s.citerne_id = c.id
WHERE c.depot_id IS NULL AND (c.statut = 'active' OR s.occupee)
