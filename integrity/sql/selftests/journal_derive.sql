-- expects: 00000000-5e1f-4e57-8000-000000000004
INSERT INTO public.stocks_journaliers
    (date_jour, source, citerne_id, produit_id, proprietaire_type, depot_id, stock_ambiant, stock_15c)
SELECT
    current_date, 'SYSTEM',
    '00000000-5e1f-4e57-8000-000000000004', '00000000-5e1f-4e57-8000-000000000002', 'MONALUXE',
    '00000000-5e1f-4e57-8000-000000000001',
    litres, litres
FROM (SELECT gouvernance.threshold('JOURNAL_DERIVE', 'tolerance') + 1 AS litres) AS faute;
