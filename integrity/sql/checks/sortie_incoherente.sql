-- code: SORTIE_INCOHERENTE
-- severity: WARN
-- entity: SORTIE
-- label: Sortie incohérente
-- rule: Sortie validée dont la différence d’index s’écarte du volume ambiant de plus de 1 L (seuil), dont le volume est absent, nul ou négatif, dont l’index d’après n’est pas au-dessus de l’index d’avant, sans bénéficiaire, sans volume à 15 °C, ou datée de plus d’un jour (seuil) dans l’avenir.
-- why: Le compteur, le volume et le bon de sortie se contredisent : ce qui est livré, déduit du stock et facturé n’est pas la même quantité.
-- action: Relire le relevé du compteur et le bon signé ; corriger le stock par un ajustement motivé, puis accepter l’alerte : une sortie validée ne se modifie plus.
-- limits: Ne juge que les sorties validées. Un index absent ne dit rien de l’écart ; une valeur NaN ou infinie est tenue pour inconnue (VOLUME_NON_FINI la signale), une date infinie relève de DATE_ABERRANTE. Deux index faux du même montant passent.
-- occurred: La date de la sortie, ou sa saisie quand celle-ci est antérieure.
-- threshold: ecart = 1 L [0.5 ; 10000] Écart toléré entre la différence d’index et le volume ambiant
-- threshold: avance = 1 jours [0 ; 30] Avance tolérée d’une date sur aujourd’hui
SELECT
    s.id AS entity_id,
    format(
        'Sortie de %s · %s%s : %s',
        c.nom, coalesce(d.nom, 'sans dépôt'), ', camion ' || s.plaque_camion,
        array_to_string(v.fautes, ' ; ')
    ) AS message,
    jsonb_build_object(
        'figure', v.ecart,
        'fautes', v.fautes,
        'sortie_id', s.id,
        'citerne_id', s.citerne_id,
        'depot_id', c.depot_id,
        'produit_id', s.produit_id,
        'proprietaire_type', s.proprietaire_type,
        'plaque_camion', s.plaque_camion,
        'index_avant', v.index_avant,
        'index_apres', v.index_apres,
        'volume_ambiant', v.ambiant,
        'date_sortie', s.date_sortie,
        'occurred_at', least(gouvernance.moment(s.date_sortie), gouvernance.moment(s.created_at))
    ) AS payload
FROM (
    SELECT
        s.id, s.citerne_id, s.produit_id, s.proprietaire_type, s.client_id, s.partenaire_id, s.plaque_camion,
        s.index_avant, s.index_apres, s.volume_ambiant, s.date_sortie, s.created_at,
        coalesce(to_jsonb(s) ->> 'volume_15c', s.volume_corrige_15c::text) AS v15c
    FROM public.sorties_produit AS s
    WHERE s.statut = 'validee' AND (
        -- the index's own words; volume_15c, which some installations have, is looked at among these only
        CASE
            WHEN volume_ambiant IS NULL OR volume_ambiant <= 0 OR index_apres <= index_avant
                OR volume_corrige_15c IS NULL OR client_id IS NULL AND partenaire_id IS NULL
                OR greatest(abs(index_avant), abs(index_apres), abs(volume_ambiant)) > 1e12 THEN 'Infinity'
            ELSE abs(index_apres - index_avant - volume_ambiant)
        END BETWEEN 0.1 AND 'Infinity'
        OR s.date_sortie BETWEEN now()
            + (SELECT gouvernance.threshold('SORTIE_INCOHERENTE', 'avance')) * interval '1 day' AND 'infinity'
    )
    OFFSET 0
) AS s
JOIN public.citernes AS c ON c.id = s.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN (
    SELECT
        gouvernance.threshold('SORTIE_INCOHERENTE', 'ecart') AS ecart,
        gouvernance.threshold('SORTIE_INCOHERENTE', 'avance') * interval '1 day' AS avance
    OFFSET 0
) AS seuil
CROSS JOIN LATERAL (
    SELECT
        gouvernance.finite(s.volume_ambiant::numeric) AS ambiant,
        gouvernance.finite(s.index_avant::numeric) AS index_avant,
        gouvernance.finite(s.index_apres::numeric) AS index_apres
    OFFSET 0
) AS n
CROSS JOIN LATERAL (
    SELECT n.*, e.ecart, array_remove(ARRAY[
        CASE
            WHEN s.volume_ambiant IS NULL THEN 'volume ambiant absent'
            WHEN n.ambiant <= 0 THEN 'volume ambiant nul ou négatif (' || gouvernance.litres(n.ambiant) || ')'
        END,
        CASE
            WHEN n.index_apres <= n.index_avant
            THEN 'index d’après qui n’est pas au-dessus de l’index d’avant'
        END,
        'écart de ' || CASE
                WHEN e.ecart >= 10 THEN gouvernance.litres(e.ecart)
                ELSE replace(round(e.ecart, 1)::text, '.', ',') || ' L'
            END || ' entre la différence d’index ('
            || gouvernance.litres(n.index_apres - n.index_avant) || ') et le volume ambiant ('
            || gouvernance.litres(n.ambiant) || ')',
        CASE WHEN s.client_id IS NULL AND s.partenaire_id IS NULL THEN 'ni client ni partenaire' END,
        CASE WHEN s.v15c IS NULL THEN 'volume à 15 °C absent' END,
        CASE
            WHEN s.date_sortie > now() + seuil.avance AND s.date_sortie < 'infinity'
            THEN 'datée du ' || gouvernance.jour((s.date_sortie AT TIME ZONE interval '0')::date)
                || ', dans l’avenir'
        END
    ], NULL) AS fautes
    FROM (
        SELECT CASE
            WHEN abs(n.index_apres - n.index_avant - n.ambiant) > seuil.ecart
            THEN abs(n.index_apres - n.index_avant - n.ambiant)
        END AS ecart
        OFFSET 0
    ) AS e
    OFFSET 0
) AS v
WHERE cardinality(v.fautes) > 0
