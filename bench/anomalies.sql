INSERT INTO public.depots (nom) VALUES ('Dépôt Daipn');

INSERT INTO public.produits (nom, code) VALUES ('Gasoil', 'AGO');

INSERT INTO public.cours_de_route
    (plaque_camion, statut, created_at, depot_destination_id, produit_id)
SELECT 'P' || n, 'ARRIVE', now() - interval '3 days', d.id, p.id
FROM generate_series(1, %(trucks)s) AS n, public.depots AS d, public.produits AS p;

INSERT INTO public.citernes (nom, depot_id, produit_id, capacite_totale, capacite_securite)
SELECT 'TANK' || n, d.id, p.id, 100000, 0
FROM generate_series(1, %(tanks)s) AS n, public.depots AS d, public.produits AS p;

-- Two owners, each within the tank's capacity, together over it.
INSERT INTO public.stocks_snapshot
    (citerne_id, produit_id, proprietaire_type, depot_id, stock_ambiant, stock_15c)
SELECT c.id, c.produit_id, owner, c.depot_id, 60000, 59000
FROM public.citernes AS c, unnest(ARRAY['MONALUXE', 'PARTENAIRE']) AS owner;

-- Declared as what was there first: the stock itself is no anomaly.
INSERT INTO gouvernance.opening_stocks
SELECT citerne_id, produit_id, proprietaire_type, stock_ambiant, stock_15c
FROM public.stocks_snapshot
