-- The healthy surroundings in which every check's fault is planted.
INSERT INTO public.depots (id, nom) VALUES ('00000000-5e1f-4e57-8000-000000000001', 'Autotest');

INSERT INTO public.produits (id, nom, code) VALUES
    ('00000000-5e1f-4e57-8000-000000000002', 'Autotest A', 'AUTOTEST-A'),
    ('00000000-5e1f-4e57-8000-000000000003', 'Autotest B', 'AUTOTEST-B');

INSERT INTO public.citernes (id, depot_id, nom, capacite_totale, capacite_securite, statut, produit_id)
VALUES (
    '00000000-5e1f-4e57-8000-000000000004', '00000000-5e1f-4e57-8000-000000000001',
    'AUTOTEST', 100000, 0, 'active', '00000000-5e1f-4e57-8000-000000000002'
);

INSERT INTO public.clients (id, nom) VALUES ('00000000-5e1f-4e57-8000-000000000005', 'Autotest');
INSERT INTO public.partenaires (id, nom) VALUES ('00000000-5e1f-4e57-8000-000000000006', 'Autotest');
INSERT INTO public.fournisseurs (id, nom) VALUES ('00000000-5e1f-4e57-8000-000000000007', 'Autotest');
