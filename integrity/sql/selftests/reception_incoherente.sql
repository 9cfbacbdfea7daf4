-- expects: 00000000-5e1f-4e57-8000-000000000013
INSERT INTO public.receptions (
    id, citerne_id, produit_id, partenaire_id, proprietaire_type, statut, date_reception,
    index_avant, index_apres, volume_ambiant, volume_15c
)
VALUES (
    '00000000-5e1f-4e57-8000-000000000013', '00000000-5e1f-4e57-8000-000000000004',
    '00000000-5e1f-4e57-8000-000000000002', NULL, 'MONALUXE', 'validee',
    (now() AT TIME ZONE interval '0')::date, 0, 1001 + gouvernance.threshold('RECEPTION_INCOHERENTE', 'ecart'), 1000, 995
);
