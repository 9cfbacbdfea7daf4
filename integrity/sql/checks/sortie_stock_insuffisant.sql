-- code: SORTIE_STOCK_INSUFFISANT
-- severity: CRITICAL
-- entity: SORTIE
-- label: Sortie de plus que la citerne n’avait
-- rule: Les mouvements d’une citerne rejoués dans l’ordre du temps sur 90 jours (seuil), une sortie validée a pris plus de 10 L (seuil) de plus que la citerne n’avait alors, tous propriétaires et produits.
-- why: Une citerne ne peut pas donner ce qu’elle n’a pas : une réception manque ou est datée trop tard, la sortie est saisie deux fois, dans la mauvaise citerne ou pour un volume faux.
-- action: Relire le bon de sortie et les réceptions de la citerne avant ce moment ; corriger le mouvement fautif par un ajustement motivé ; déclarer le stock d’ouverture s’il manque.
-- limits: Juge la citerne entière, en volume ambiant : un propriétaire qui prend le produit d’un autre est un autre fait (STOCK_NEGATIF). Part de la somme de tout ce qui précède la fenêtre ; une sortie plus ancienne n’est plus jugée. Les réceptions n’ayant qu’un jour, elles passent avant les sorties de ce jour : une sortie faite le matin avant la réception passe. created_at ne départage pas, car il dit la saisie et non le déchargement. Un ajustement compte au moment du mouvement qu’il corrige. Après un manque on repart de zéro : chaque litre ne manque qu’une fois. Une citerne n’est plus jugée dès un volume NaN, infini ou démesuré.
-- occurred: La date et l’heure de la sortie.
-- threshold: fenetre = 90 jours [1 ; 3650] Durée sur laquelle on rejoue les mouvements
-- threshold: tolerance = 10 L [0 ; 100000] Manque toléré
-- threshold: fuseau = 2 heures [-12 ; 14] Décalage du dépôt sur UTC, pour savoir à quel jour est une sortie
WITH fenetre AS MATERIALIZED (
    SELECT
        date_trunc('day', now() + fuseau, 'UTC') - jours * interval '1 day' AS debut,
        fuseau,
        tolerance
    FROM (
        SELECT
            gouvernance.threshold('SORTIE_STOCK_INSUFFISANT', 'fenetre') AS jours,
            gouvernance.threshold('SORTIE_STOCK_INSUFFISANT', 'fuseau') * interval '1 hour' AS fuseau,
            gouvernance.threshold('SORTIE_STOCK_INSUFFISANT', 'tolerance') AS tolerance
    ) AS seuil
), recent AS MATERIALIZED (
    SELECT
        citerne_id, nature, mouvement_id, ambiant,
        -- the depot's own time, written as if it were UTC, as the day of a reception is
        coalesce(gouvernance.moment(jour), gouvernance.moment(instant) + fenetre.fuseau) AS moment
    FROM gouvernance.v_mouvements CROSS JOIN fenetre
    WHERE jour BETWEEN (SELECT (debut AT TIME ZONE interval '0')::date FROM fenetre) AND 'infinity'
        OR instant BETWEEN (SELECT debut - fuseau FROM fenetre) AND 'infinity'
), pas AS MATERIALIZED (
    -- One step per movement with its adjustments; an adjustment whose movement nobody knows is one too.
    SELECT
        r.citerne_id,
        r.mouvement_id AS id,
        max(t.moment) AS moment,
        max(r.nature) AS nature,  -- SORTIE, else RECEPTION, else AJUSTEMENT
        coalesce(sum(r.ambiant), 0) AS volume,
        count(*) - count(r.ambiant) AS inconnus
    FROM recent AS r
    CROSS JOIN fenetre
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN r.nature <> 'AJUSTEMENT' THEN r.moment
            ELSE coalesce(
                (
                    SELECT coalesce(gouvernance.moment(m.jour), gouvernance.moment(m.instant) + fenetre.fuseau)
                    FROM gouvernance.v_mouvements AS m
                    WHERE m.id = r.mouvement_id AND m.nature <> 'AJUSTEMENT'
                    LIMIT 1
                ),
                r.moment
            )
        END AS moment
    ) AS t
    WHERE t.moment >= fenetre.debut
    GROUP BY r.citerne_id, r.mouvement_id
), depart AS (
    -- What the tank held when the window opened: the whole less what came since.
    SELECT
        tout.citerne_id,
        tout.volume - coalesce(depuis.volume, 0) + coalesce(o.stock, 0) AS stock,
        tout.inconnus - coalesce(depuis.inconnus, 0) AS inconnus
    FROM (
        SELECT citerne_id, coalesce(sum(ambiant), 0) AS volume, sum(sans_ambiant) AS inconnus
        FROM gouvernance.v_cumuls
        GROUP BY citerne_id
    ) AS tout
    LEFT JOIN (
        SELECT citerne_id, sum(volume) AS volume, sum(inconnus) AS inconnus FROM pas GROUP BY citerne_id
    ) AS depuis USING (citerne_id)
    LEFT JOIN (
        SELECT citerne_id, sum(stock_ambiant)::double precision AS stock
        FROM gouvernance.opening_stocks
        GROUP BY citerne_id
    ) AS o USING (citerne_id)
), cumul AS (
    SELECT
        pas.*,
        depart.stock AS stock_depart,
        depart.stock + sum(pas.volume) OVER chronologie AS stock,
        depart.inconnus + sum(pas.inconnus) OVER chronologie AS inconnus_jusque_la
    FROM pas JOIN depart USING (citerne_id)
    WINDOW chronologie AS (
        -- at one moment, what comes in (RECEPTION, AJUSTEMENT) before what goes out (SORTIE)
        PARTITION BY citerne_id ORDER BY moment, nature, id ROWS UNBOUNDED PRECEDING
    )
), rejeu AS (
    SELECT
        cumul.*,
        least(0, stock_depart, min(stock) OVER (
            PARTITION BY citerne_id ORDER BY moment, nature, id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )) AS deja_manque
    FROM cumul
)
SELECT
    s.id AS entity_id,
    format(
        'Sortie de %s · %s%s : %s pris le %s, %s en citerne, il en manquait %s',
        c.nom, coalesce(d.nom, 'sans dépôt'), ', camion ' || s.plaque_camion,
        gouvernance.litres(v.pris), gouvernance.jour((r.moment AT TIME ZONE interval '0')::date),
        gouvernance.litres(v.pris - v.manque), gouvernance.litres(v.manque)
    ) AS message,
    jsonb_build_object(
        'figure', v.manque,
        'sortie_id', s.id,
        'citerne_id', c.id,
        'depot_id', c.depot_id,
        'produit_id', s.produit_id,
        'proprietaire_type', s.proprietaire_type,
        'plaque_camion', s.plaque_camion,
        'volume_ambiant', gouvernance.finite(s.volume_ambiant::numeric),
        'volume_ajuste', v.pris,
        'stock_avant', v.pris - v.manque,
        'manque', v.manque,
        'occurred_at', gouvernance.moment(s.date_sortie)
    ) AS payload
FROM rejeu AS r
CROSS JOIN LATERAL (
    SELECT
        round((-r.volume)::numeric, 2) AS pris,
        -- a hundredth of a litre: below it is only the noise of float8 sums
        round((r.deja_manque - r.stock)::numeric, 2) AS manque
) AS v
JOIN public.sorties_produit AS s ON s.id = r.id
JOIN public.citernes AS c ON c.id = r.citerne_id AND c.id = s.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
WHERE r.nature = 'SORTIE' AND r.inconnus_jusque_la = 0
    AND v.manque > (SELECT tolerance FROM fenetre)
