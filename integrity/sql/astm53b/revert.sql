DROP FUNCTION IF EXISTS gouvernance.is_gasoil(text, text);
DROP FUNCTION IF EXISTS gouvernance.astm53b_volume_15(float8, float8, float8, boolean);
DROP FUNCTION IF EXISTS gouvernance.astm53b_density_15(float8, float8, boolean);
DROP FUNCTION IF EXISTS gouvernance.astm54b_vcf(float8, float8);
DROP FUNCTION IF EXISTS gouvernance.astm54b_factor(float8, float8, float8, float8, float8);
