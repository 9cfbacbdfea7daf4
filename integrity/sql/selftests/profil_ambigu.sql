-- expects: 00000000-5e1f-4e57-8000-000000000008
INSERT INTO auth.users (id) VALUES ('00000000-5e1f-4e57-8000-000000000008');
INSERT INTO public.profils (user_id, nom_complet, role) VALUES
    ('00000000-5e1f-4e57-8000-000000000008', 'Autotest', 'lecture'),
    ('00000000-5e1f-4e57-8000-000000000008', 'Autotest', 'gerant');
