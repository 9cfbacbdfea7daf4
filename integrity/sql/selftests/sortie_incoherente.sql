-- expects: 00000000-5e1f-4e57-8000-000000000012
INSERT INTO public.sorties_produit (
    id, citerne_id, produit_id, client_id, proprietaire_type, statut, date_sortie,
    index_avant, index_apres, volume_ambiant, volume_corrige_15c
)
VALUES (
    '00000000-5e1f-4e57-8000-000000000012', '00000000-5e1f-4e57-8000-000000000004',
    '00000000-5e1f-4e57-8000-000000000002', '00000000-5e1f-4e57-8000-000000000005', 'MONALUXE', 'validee', now(),
    0, 1001 + gouvernance.threshold('SORTIE_INCOHERENTE', 'ecart'), 1000, 995
);
