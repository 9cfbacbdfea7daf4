-- code: ECART_ASTM53B
-- severity: WARN
-- entity: RECEPTION
-- label: Réception : écart aux tables ASTM
-- rule: Réception de gasoil validée, saisie depuis moins de 90 jours (seuil), dont le volume à 15 °C stocké s’éloigne de plus de 0,1 % et de plus de 1 L (seuils) de celui des tables ASTM 53B et 54B.
-- why: Le volume à 15 °C d’une réception n’est pas celui que donnent sa densité et sa température : le stock et la facture du fournisseur sont faux d’autant, et l’erreur se cumule de camion en camion.
-- action: Ouvrir la simulation ASTM 53B : elle dit quelle température le volume stocké suppose. Relire le bordereau ; corriger par un ajustement motivé, ou attendre la migration si elle est décidée.
-- limits: Suppose que densite_a_15 contient la densité observée, malgré son nom, lue au densimètre de verre ; ne dit rien sans volume, densité, température ou volume stocké, ni hors des tables. Ne voit que le gasoil (code G.O, GO ou AGO, ou nom contenant « gasoil »). Une réception sort du contrôle à la fin de la fenêtre : son alerte est alors résolue par le système, que la cause ait disparu ou non. Sans index : lit toute la table des réceptions et calcule celles de la fenêtre : une seconde pour un million, dont cent mille dans la fenêtre.
-- occurred: Le jour de la réception, à minuit UTC : ML_PP n’en garde pas l’heure.
-- threshold: ecart = 0.1 % [0.01 ; 50] Écart toléré entre le volume stocké et celui des tables
-- threshold: litres = 1 L [0 ; 10000] Écart en litres au-dessous duquel rien n’est signalé
-- threshold: fenetre = 90 jours [1 ; 3650] Âge des saisies au-delà duquel une réception n’est plus relue
-- enabled: no
SELECT
    r.id AS entity_id,
    format(
        'Réception du %s dans %s · %s : %s stockés à 15 °C, %s selon les tables ASTM (écart de %s %%)',
        gouvernance.jour(r.date_reception), c.nom, coalesce(d.nom, 'sans dépôt'),
        gouvernance.litres(v.stocke), gouvernance.litres(v.calcule),
        coalesce(replace(round(v.ecart / nullif(abs(v.stocke), 0) * 100, 3)::text, '.', ','), 'plus de 100')
    ) AS message,
    jsonb_build_object(
        'figure', round(abs(v.ecart), 1),
        'reception_id', r.id,
        'citerne_id', r.citerne_id,
        'depot_id', c.depot_id,
        'produit_id', r.produit_id,
        'proprietaire_type', r.proprietaire_type,
        'volume_ambiant', gouvernance.finite(r.volume_ambiant::numeric),
        'densite_observee', gouvernance.finite(r.densite_a_15::numeric),
        'temperature', gouvernance.finite(r.temperature_ambiante_c::numeric),
        'v15c_used', v.stocke,
        'v15c_astm', round(v.calcule, 1),
        'ecart_litres', round(v.ecart, 1),
        'ecart_percent', round(v.ecart / nullif(abs(v.stocke), 0) * 100, 3),
        'occurred_at', gouvernance.moment(r.date_reception)
    ) AS payload
FROM public.receptions AS r
JOIN public.produits AS p ON p.id = r.produit_id
JOIN public.citernes AS c ON c.id = r.citerne_id
LEFT JOIN public.depots AS d ON d.id = c.depot_id
CROSS JOIN LATERAL (
    SELECT m.stocke, m.calcule, m.calcule - m.stocke AS ecart
    FROM (
        SELECT
            gouvernance.finite(coalesce(r.volume_15c, r.volume_corrige_15c)::numeric) AS stocke,
            gouvernance.astm53b_volume_15(r.volume_ambiant, r.densite_a_15, r.temperature_ambiante_c)::numeric
                AS calcule
        OFFSET 0
    ) AS m
) AS v
WHERE r.statut = 'validee'
    AND r.created_at
        >= now() - (SELECT gouvernance.threshold('ECART_ASTM53B', 'fenetre')) * interval '1 day'
    AND gouvernance.is_gasoil(p.code, p.nom)
    AND abs(v.ecart) > abs(v.stocke) * (SELECT gouvernance.threshold('ECART_ASTM53B', 'ecart')) / 100
    AND abs(v.ecart) > (SELECT gouvernance.threshold('ECART_ASTM53B', 'litres'))
