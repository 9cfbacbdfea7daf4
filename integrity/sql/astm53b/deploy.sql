-- integrity/astm53b.py in SQL: API MPMS 11.1, edition of 1980, Tables 53B and 54B. Densities in kg/m³,
-- temperatures in °C, volumes in litres. NULL outside the tables, on NaN and on infinity: none raises.

-- exp(−αΔt(1 + 0.8αΔt)), α being k0/ρ² + k1/ρ + k2. As an expression, so that PostgreSQL puts it in place.
CREATE OR REPLACE FUNCTION gouvernance.astm54b_factor(
    density_15 float8, delta float8, k0 float8, k1 float8, k2 float8
) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN exp(
    -((k0 / density_15 + k1) / density_15 + k2) * delta
    * (1 + 0.8 * ((k0 / density_15 + k1) / density_15 + k2) * delta)
);

-- Litres at 15 °C per litre at that temperature.
CREATE OR REPLACE FUNCTION gouvernance.astm54b_vcf(density_15 float8, temperature float8)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN temperature BETWEEN -18 AND 150 AND density_15 BETWEEN 653 AND 1075
        AND (temperature <= 95 OR density_15 >= 778)
        AND (temperature <= 125 OR density_15 >= 824)
    THEN CASE
        WHEN density_15 < 770.5
        THEN gouvernance.astm54b_factor(density_15, temperature - 15, 346.4228, 0.4388, 0)
        WHEN density_15 <= 787.5
        THEN gouvernance.astm54b_factor(density_15, temperature - 15, 2680.3206, 0, -0.00336312)
        WHEN density_15 <= 838.5
        THEN gouvernance.astm54b_factor(density_15, temperature - 15, 594.5418, 0, 0)
        ELSE gouvernance.astm54b_factor(density_15, temperature - 15, 186.9696, 0.4862, 0)
    END
END;

-- Density at 15 °C of a product observed at that temperature, with a glass hydrometer unless said
-- otherwise. The zone comes first, from the observed densities at which zones end, then Newton's method.
CREATE OR REPLACE FUNCTION gouvernance.astm53b_density_15(
    observed float8, temperature float8, hydrometer boolean DEFAULT true
) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = '' AS $$
DECLARE
    delta     float8;
    glass     float8 := 1;
    lowest    float8;  -- density at 15 °C of the table's and of the zone's beginning
    lightest  float8;
    k0        float8;
    k1        float8;
    k2        float8;
    reading   float8;
    density   float8;
    expansion float8;
BEGIN
    IF temperature NOT BETWEEN -18 AND 150 THEN
        RETURN NULL;
    END IF;
    delta := temperature - 15;
    IF hydrometer THEN
        glass := 1 - 0.000023 * delta - 0.00000002 * delta * delta;
    END IF;
    lowest := CASE WHEN temperature <= 95 THEN 653 WHEN temperature <= 125 THEN 778 ELSE 824 END;
    IF observed NOT BETWEEN lowest * gouvernance.astm54b_vcf(lowest, temperature) / glass
        AND 1075 * gouvernance.astm54b_factor(1075, delta, 186.9696, 0.4862, 0) / glass
    THEN
        RETURN NULL;
    END IF;

    IF observed < 770.5 * gouvernance.astm54b_factor(770.5, delta, 346.4228, 0.4388, 0) / glass THEN
        lightest := 653;
        k0 := 346.4228;
        k1 := 0.4388;
        k2 := 0;
    ELSIF observed <= 787.5 * gouvernance.astm54b_factor(787.5, delta, 2680.3206, 0, -0.00336312) / glass
    THEN
        lightest := 770.5;
        k0 := 2680.3206;
        k1 := 0;
        k2 := -0.00336312;
    ELSIF observed <= 838.5 * gouvernance.astm54b_factor(838.5, delta, 594.5418, 0, 0) / glass THEN
        lightest := 787.5;
        k0 := 594.5418;
        k1 := 0;
        k2 := 0;
    ELSE
        lightest := 838.5;
        k0 := 186.9696;
        k1 := 0.4862;
        k2 := 0;
    END IF;

    reading := observed * glass;
    density := reading;
    FOR step IN 1..4 LOOP
        expansion := ((k0 / density + k1) / density + k2) * delta;
        density := density + (reading * exp(expansion * (1 + 0.8 * expansion)) - density)
            / (1 + (2 * k0 / density + k1) / density * delta * (1 + 1.6 * expansion));
    END LOOP;
    RETURN least(greatest(density, lightest, lowest), 1075);
END
$$;

-- Litres at 15 °C of a volume at that temperature, its density observed there too.
CREATE OR REPLACE FUNCTION gouvernance.astm53b_volume_15(
    volume float8, observed float8, temperature float8, hydrometer boolean DEFAULT true
) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = '' AS $$
DECLARE
    density_15 CONSTANT float8 :=
        gouvernance.astm53b_density_15(observed, temperature, hydrometer);
BEGIN
    IF volume BETWEEN 0 AND 1e12 THEN
        RETURN volume * gouvernance.astm54b_vcf(density_15, temperature);
    END IF;
    RETURN NULL;
END
$$;

-- How a product of ML_PP is told to be gasoil: by its code, else by its name.
CREATE OR REPLACE FUNCTION gouvernance.is_gasoil(code text, nom text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(upper(btrim(code)) IN ('G.O', 'GO', 'AGO'), false)
    OR coalesce(nom ILIKE '%gasoil%', false);

REVOKE ALL ON FUNCTION
    gouvernance.is_gasoil(text, text),
    gouvernance.astm54b_factor(float8, float8, float8, float8, float8),
    gouvernance.astm54b_vcf(float8, float8),
    gouvernance.astm53b_density_15(float8, float8, boolean),
    gouvernance.astm53b_volume_15(float8, float8, float8, boolean)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.is_gasoil(text, text),
    gouvernance.astm54b_factor(float8, float8, float8, float8, float8),
    gouvernance.astm54b_vcf(float8, float8),
    gouvernance.astm53b_density_15(float8, float8, boolean),
    gouvernance.astm53b_volume_15(float8, float8, float8, boolean)
    TO authenticated, service_role, mlpp_gov_app;
