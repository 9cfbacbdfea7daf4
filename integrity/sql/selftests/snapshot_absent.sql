-- expects: 00000000-5e1f-4e57-8000-000000000004
INSERT INTO public.receptions
    (id, citerne_id, produit_id, proprietaire_type, statut, date_reception,
     index_avant, index_apres, volume_ambiant, volume_15c)
VALUES (
    '00000000-5e1f-4e57-8000-000000000010',
    '00000000-5e1f-4e57-8000-000000000004', '00000000-5e1f-4e57-8000-000000000002', 'MONALUXE',
    'validee', current_date, 0, 30000, 30000, 29900
);
