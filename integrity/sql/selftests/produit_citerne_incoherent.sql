-- expects: 00000000-5e1f-4e57-8000-000000000011
-- the second product, in the first one's tank
INSERT INTO public.receptions (
    id, citerne_id, produit_id, partenaire_id, proprietaire_type, statut, date_reception,
    index_avant, index_apres, volume_ambiant, volume_15c
)
VALUES (
    '00000000-5e1f-4e57-8000-000000000011', '00000000-5e1f-4e57-8000-000000000004',
    '00000000-5e1f-4e57-8000-000000000003', NULL, 'MONALUXE', 'validee',
    (now() AT TIME ZONE interval '0')::date, 0, 1000, 1000, 995
);
