-- expects: 00000000-5e1f-4e57-8000-000000000004
INSERT INTO public.stocks_snapshot
    (citerne_id, produit_id, proprietaire_type, depot_id, stock_ambiant, stock_15c)
VALUES (
    '00000000-5e1f-4e57-8000-000000000004', '00000000-5e1f-4e57-8000-000000000002', 'MONALUXE',
    '00000000-5e1f-4e57-8000-000000000001', 0, 0
);

INSERT INTO public.stocks_adjustments
    (mouvement_type, mouvement_id, reason, citerne_id, produit_id, proprietaire_type, depot_id,
     delta_ambiant, delta_15c)
SELECT
    'SORTIE', '00000000-5e1f-4e57-8000-000000000010', 'Essai du contrôle STOCK_NEGATIF',
    '00000000-5e1f-4e57-8000-000000000004', '00000000-5e1f-4e57-8000-000000000002', 'MONALUXE',
    '00000000-5e1f-4e57-8000-000000000001',
    -litres, -litres
FROM (SELECT gouvernance.threshold('STOCK_NEGATIF', 'tolerance') + 1 AS litres) AS faute;
