-- code: SNAPSHOT_ABSENT
-- severity: WARN
-- entity: CITERNE_STOCK
-- label: Mouvements sans ligne de stock
-- rule: Réception ou sortie validée d’une citerne, pour un produit et un propriétaire, sans ligne correspondante dans stocks_snapshot.
-- why: Du produit est entré ou sorti sans qu’aucune ligne de stock ne le suive : v_stock_actuel ne le montre pas, et aucun contrôle du stock ne peut le juger.
-- action: Vérifier que la citerne, le produit et le propriétaire du mouvement sont les bons ; sinon l’annuler par un ajustement motivé et le ressaisir ; si oui, faire recréer la ligne de stock par l’équipe ML_PP.
-- limits: Ne dit rien du volume de la ligne quand elle existe (STOCK_DERIVE le fait), ni des ajustements, ni d’un stock d’ouverture déclaré, sans mouvement.
-- occurred: Le premier des mouvements sans ligne de stock ; d’une réception, le jour à minuit UTC.
SELECT
    c.id AS entity_id,
    format(
        '%s · %s : %s sans ligne de stock (%s)',
        c.nom, coalesce(d.nom, 'sans dépôt'),
        CASE absents.mouvements
            WHEN 1 THEN '1 mouvement validé'
            ELSE replace(gouvernance.litres(absents.mouvements), U&'\00A0L', ' mouvements validés')
        END,
        absents.noms
    ) AS message,
    jsonb_build_object(
        'figure', absents.mouvements,
        'citerne_id', c.id,
        'depot_id', c.depot_id,
        'produit_id', c.produit_id,
        'mouvements', absents.mouvements,
        'couples', absents.couples,
        'occurred_at', absents.premier
    ) AS payload
FROM (
    SELECT
        couple.citerne_id,
        sum(couple.mouvements) AS mouvements,
        min(couple.premier) AS premier,
        string_agg(
            concat(p.nom, ' ', couple.proprietaire_type), ', ' ORDER BY p.nom, couple.proprietaire_type
        ) AS noms,
        jsonb_agg(
            jsonb_build_object(
                'produit_id', couple.produit_id,
                'proprietaire_type', couple.proprietaire_type,
                'mouvements', couple.mouvements,
                'premier_mouvement', couple.premier
            ) ORDER BY p.nom, couple.proprietaire_type
        ) AS couples
    FROM (
        SELECT
            m.citerne_id, m.produit_id, m.proprietaire_type,
            sum(m.mouvements) AS mouvements, min(m.premier) AS premier
        FROM gouvernance.v_cumuls AS m
        WHERE m.nature <> 'AJUSTEMENT'
            AND NOT EXISTS (
                SELECT FROM public.stocks_snapshot AS s
                WHERE s.citerne_id = m.citerne_id
                    AND s.produit_id = m.produit_id
                    AND s.proprietaire_type = m.proprietaire_type
            )
        GROUP BY m.citerne_id, m.produit_id, m.proprietaire_type
    ) AS couple
    JOIN public.produits AS p ON p.id = couple.produit_id
    GROUP BY couple.citerne_id
) AS absents
JOIN public.citernes AS c ON c.id = absents.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
