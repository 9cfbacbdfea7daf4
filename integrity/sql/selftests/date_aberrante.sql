-- expects: 00000000-5e1f-4e57-8000-000000000016
-- before the lowest year that the threshold may have
INSERT INTO public.cours_de_route (
    id, fournisseur_id, depot_destination_id, produit_id, plaque_camion, date_chargement, volume, statut
)
VALUES (
    '00000000-5e1f-4e57-8000-000000000016', '00000000-5e1f-4e57-8000-000000000007',
    '00000000-5e1f-4e57-8000-000000000001', '00000000-5e1f-4e57-8000-000000000002', 'AUTOTEST', '1900-01-01', 1000, 'DECHARGE'
);
