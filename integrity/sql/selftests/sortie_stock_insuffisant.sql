-- expects: 00000000-5e1f-4e57-8000-000000000010
INSERT INTO public.sorties_produit
    (id, citerne_id, produit_id, client_id, proprietaire_type, statut, date_sortie,
     index_avant, index_apres, volume_ambiant, volume_corrige_15c)
SELECT
    '00000000-5e1f-4e57-8000-000000000010',
    '00000000-5e1f-4e57-8000-000000000004', '00000000-5e1f-4e57-8000-000000000002',
    '00000000-5e1f-4e57-8000-000000000005', 'MONALUXE', 'validee', now(),
    0, litres, litres, litres
FROM (SELECT gouvernance.threshold('SORTIE_STOCK_INSUFFISANT', 'tolerance') + 1 AS litres) AS faute;
