-- Years of a depot network: %(movements)s receptions and as many sorties in 200 tanks, half as many trucks,
-- books that agree; among them %(anomalies)s anomalies of V1's checks.
INSERT INTO public.depots (nom) SELECT 'Dépôt ' || n FROM generate_series(1, 10) AS n;
INSERT INTO public.produits (nom, code) VALUES ('Gasoil', 'AGO'), ('Essence', 'ESS');
INSERT INTO public.clients (nom) VALUES ('Client');
INSERT INTO public.fournisseurs (nom) VALUES ('Fournisseur');

CREATE TABLE bench_tanks AS
SELECT row_number() OVER () - 1 AS n, gen_random_uuid() AS id, d.id AS depot_id, p.id AS produit_id
FROM public.depots AS d, generate_series(1, 20), public.produits AS p
WHERE p.code = 'AGO';
INSERT INTO public.citernes (id, nom, depot_id, produit_id, capacite_totale, capacite_securite)
SELECT id, 'TANK' || n, depot_id, produit_id, 100000, 0 FROM bench_tanks;

-- The n-th reception of a tank and its n-th sortie are on one day, so that the stock comes back to
-- what it was first. A wrong 15 °C volume every so often.
CREATE TABLE bench_movements AS
SELECT
    g.n,
    t.id AS citerne_id,
    t.produit_id,
    t.depot_id,
    date '2026-11-01' - (5 * 365 - (g.n::bigint * 5 * 365 / %(movements)s))::integer AS day,
    gen_random_uuid() AS cdr,
    CASE WHEN g.n %% greatest(%(movements)s * 3 / %(anomalies)s, 1) = 0 THEN 5000 ELSE 9950 END AS v15c
FROM generate_series(1, %(movements)s) AS g (n)
JOIN bench_tanks AS t ON t.n = g.n %% 200;

INSERT INTO public.cours_de_route
    (id, plaque_camion, statut, created_at, date_chargement, depot_destination_id, produit_id, fournisseur_id, volume)
SELECT cdr, 'P' || n, 'DECHARGE', day - interval '6 days', day - 5, depot_id, produit_id, f.id, 10000
FROM bench_movements, public.fournisseurs AS f
WHERE n %% 2 = 0;
INSERT INTO public.cours_de_route
    (plaque_camion, statut, created_at, depot_destination_id, produit_id, fournisseur_id, volume)
SELECT 'A' || g.n, 'ARRIVE', now() - interval '3 days', t.depot_id, t.produit_id, f.id, 10000
FROM generate_series(1, %(anomalies)s / 3) AS g (n)
JOIN bench_tanks AS t ON t.n = g.n %% 200, public.fournisseurs AS f;

INSERT INTO public.receptions
    (cours_de_route_id, citerne_id, produit_id, index_avant, index_apres, volume_ambiant, volume_15c,
     temperature_ambiante_c, densite_a_15, statut, date_reception, created_at)
SELECT CASE WHEN n %% 2 = 0 THEN cdr END, citerne_id, produit_id, 0, 10000, 10000, v15c, 22, 838,
       'validee', day, day + interval '8 hours'
FROM bench_movements;
INSERT INTO public.sorties_produit
    (citerne_id, produit_id, client_id, index_avant, index_apres, volume_ambiant, volume_corrige_15c,
     temperature_ambiante_c, densite_a_15, statut, date_sortie, created_at, plaque_camion)
SELECT citerne_id, produit_id, c.id, 0, 10000, 10000, v15c, 22, 838,
       'validee', day + interval '12 hours', day + interval '12 hours', 'S' || n
FROM bench_movements, public.clients AS c;

INSERT INTO gouvernance.opening_stocks (citerne_id, produit_id, proprietaire_type, stock_ambiant, stock_15c)
SELECT id, produit_id, 'MONALUXE', 50000, 49750 FROM bench_tanks;
INSERT INTO public.stocks_snapshot
    (citerne_id, produit_id, proprietaire_type, depot_id, stock_ambiant, stock_15c, last_movement_at)
SELECT id, produit_id, 'MONALUXE', depot_id, 50000, 49750, '2026-11-01' FROM bench_tanks;
INSERT INTO public.stocks_journaliers
    (citerne_id, produit_id, proprietaire_type, depot_id, date_jour, stock_ambiant, stock_15c, source)
SELECT id, produit_id, 'MONALUXE', depot_id, date '2026-11-01' - days, 50000, 49750, 'SYSTEM'
FROM bench_tanks, generate_series(0, 364) AS days;

DROP TABLE bench_movements, bench_tanks
