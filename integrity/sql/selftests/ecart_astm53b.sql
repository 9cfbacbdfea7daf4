-- expects: 00000000-5e1f-4e57-8000-000000000009
INSERT INTO public.produits (id, nom, code)
VALUES ('00000000-5e1f-4e57-8000-000000000008', 'Autotest gasoil', 'AUTOTEST-GASOIL');

-- 30 000 L at 20 °C are 29 874 L by the tables: the stored volume is beyond both thresholds of that.
INSERT INTO public.receptions (
    id, citerne_id, produit_id, index_avant, index_apres, volume_ambiant, temperature_ambiante_c,
    densite_a_15, volume_15c, statut
)
SELECT
    '00000000-5e1f-4e57-8000-000000000009', '00000000-5e1f-4e57-8000-000000000004',
    '00000000-5e1f-4e57-8000-000000000008', 0, 30000, 30000, 20, 837,
    gouvernance.astm53b_volume_15(30000, 837, 20) * (1 + ecart / 50) + litres + 1, 'validee'
FROM (
    SELECT
        gouvernance.threshold('ECART_ASTM53B', 'ecart') AS ecart,
        gouvernance.threshold('ECART_ASTM53B', 'litres') AS litres
) AS seuil;
