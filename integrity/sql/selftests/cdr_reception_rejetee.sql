-- expects: 00000000-5e1f-4e57-8000-000000000008
INSERT INTO public.cours_de_route
    (id, fournisseur_id, depot_destination_id, produit_id, plaque_camion, statut)
VALUES (
    '00000000-5e1f-4e57-8000-000000000008', '00000000-5e1f-4e57-8000-000000000007',
    '00000000-5e1f-4e57-8000-000000000001', '00000000-5e1f-4e57-8000-000000000002',
    'AUTOTEST', 'ARRIVE'
);
INSERT INTO public.receptions
    (id, cours_de_route_id, citerne_id, produit_id, index_avant, index_apres, volume_ambiant, statut)
VALUES (
    '00000000-5e1f-4e57-8000-000000000009', '00000000-5e1f-4e57-8000-000000000008',
    '00000000-5e1f-4e57-8000-000000000004', '00000000-5e1f-4e57-8000-000000000002',
    0, 1000, 1000, 'rejetee'
);
