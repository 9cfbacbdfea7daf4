SELECT pg_temp.expect('fonctions ASTM 53B et 54B', ARRAY[
        'astm53b_density_15(observed double precision, temperature double precision,'
        || ' hydrometer boolean DEFAULT true) IMMUTABLE search_path=""',
        'astm53b_volume_15(volume double precision, observed double precision,'
        || ' temperature double precision, hydrometer boolean DEFAULT true)'
        || ' IMMUTABLE search_path=""',
        'astm54b_factor(density_15 double precision, delta double precision, k0 double precision,'
        || ' k1 double precision, k2 double precision) IMMUTABLE',
        'astm54b_vcf(density_15 double precision, temperature double precision) IMMUTABLE',
        'is_gasoil(code text, nom text) IMMUTABLE'
    ],
    ARRAY(
        SELECT format('%s(%s)%s', p.proname, pg_get_function_arguments(p.oid),
            CASE p.provolatile WHEN 'i' THEN ' IMMUTABLE' WHEN 's' THEN ' STABLE' ELSE '' END
            || CASE WHEN p.prosecdef THEN ' SECURITY DEFINER' ELSE '' END
            || coalesce(' ' || array_to_string(p.proconfig, ' '), ''))
        FROM pg_proc AS p
        WHERE p.pronamespace = 'gouvernance'::regnamespace AND p.proname ~ '^(astm5|is_gasoil)'
    )
);

SELECT pg_temp.expect('droits sur gouvernance.' || p.proname,
    ARRAY['authenticated', 'mlpp_gov_app', 'service_role'],
    pg_temp.executors(p.oid::regprocedure::text))
FROM pg_proc AS p
WHERE p.pronamespace = 'gouvernance'::regnamespace AND p.proname ~ '^(astm5|is_gasoil)';
