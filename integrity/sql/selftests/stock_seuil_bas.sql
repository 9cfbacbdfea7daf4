-- expects: 00000000-5e1f-4e57-8000-000000000004
INSERT INTO public.stocks_snapshot
    (citerne_id, produit_id, proprietaire_type, depot_id, stock_ambiant, stock_15c)
SELECT
    '00000000-5e1f-4e57-8000-000000000004', '00000000-5e1f-4e57-8000-000000000002', 'MONALUXE',
    '00000000-5e1f-4e57-8000-000000000001',
    litres, litres
FROM (
    SELECT capacite_totale * gouvernance.threshold('STOCK_SEUIL_BAS', 'seuil')::float8 / 200 AS litres
    FROM public.citernes
    WHERE id = '00000000-5e1f-4e57-8000-000000000004'
) AS faute;
