SELECT pg_temp.expect('policies de gouvernance sur public.system_alerts', ARRAY[
        'gouvernance_read PERMISSIVE SELECT authenticated',
        'gouvernance_handle PERMISSIVE UPDATE authenticated',
        'gouvernance_floor_read RESTRICTIVE SELECT authenticated',
        'gouvernance_floor_handle RESTRICTIVE UPDATE authenticated',
        'gouvernance_floor_insert RESTRICTIVE INSERT authenticated',
        'gouvernance_floor_delete RESTRICTIVE DELETE authenticated',
        'gouvernance_floor_anon RESTRICTIVE ALL anon'
    ],
    ARRAY(
        SELECT concat_ws(' ', policyname, permissive, cmd, array_to_string(roles, ','))
        FROM pg_policies
        WHERE schemaname = 'public' AND tablename = 'system_alerts' AND policyname LIKE 'gouvernance\_%'
    )
);

-- Without it the policies above mean nothing.
SELECT pg_temp.expect('row level security', ARRAY['public.system_alerts'], ARRAY(
    SELECT 'public.system_alerts' FROM pg_class
    WHERE oid = 'public.system_alerts'::regclass AND relrowsecurity
));
