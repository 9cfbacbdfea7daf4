-- Every depot that this person may see.
SELECT id, nom FROM public.depots ORDER BY nom, id
