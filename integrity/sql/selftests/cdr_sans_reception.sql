-- expects: 00000000-5e1f-4e57-8000-000000000008
INSERT INTO public.cours_de_route
    (id, fournisseur_id, depot_destination_id, produit_id, plaque_camion, statut, created_at)
VALUES (
    '00000000-5e1f-4e57-8000-000000000008', '00000000-5e1f-4e57-8000-000000000007',
    '00000000-5e1f-4e57-8000-000000000001', '00000000-5e1f-4e57-8000-000000000002',
    'AUTOTEST', 'DECHARGE',
    now() - (gouvernance.threshold('CDR_SANS_RECEPTION', 'delai') + 0.5) * interval '1 day'
);
