SELECT pg_temp.expect_columns('public.system_alerts', ARRAY[
    'id uuid NOT NULL',
    'check_code text NOT NULL',
    'severity text NOT NULL',
    'entity_type text NOT NULL',
    'entity_id uuid NOT NULL',
    'message text NOT NULL',
    'payload jsonb NOT NULL',
    'status text NOT NULL',
    'first_detected_at timestamp with time zone NOT NULL',
    'last_detected_at timestamp with time zone NOT NULL',
    'acknowledged_by uuid',
    'acknowledged_at timestamp with time zone',
    'resolved_by uuid',
    'resolved_at timestamp with time zone',
    'created_at timestamp with time zone NOT NULL',
    'updated_at timestamp with time zone NOT NULL'
]);

SELECT pg_temp.expect('défauts de public.system_alerts', ARRAY[
        'id gen_random_uuid()',
        'payload ''{}''::jsonb',
        'status ''OPEN''::text',
        'first_detected_at now()',
        'last_detected_at now()',
        'created_at now()',
        'updated_at now()'
    ],
    ARRAY(
        SELECT a.attname || ' ' || pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attrdef AS d
        JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE d.adrelid = 'public.system_alerts'::regclass
    )
);

SELECT pg_temp.expect('contraintes de public.system_alerts', ARRAY[
        'PRIMARY KEY (id)',
        'UNIQUE (check_code, entity_type, entity_id)',
        'CHECK ((severity = ANY (ARRAY[''CRITICAL''::text, ''WARN''::text])))',
        'CHECK ((status = ANY (ARRAY[''OPEN''::text, ''ACK''::text, ''RESOLVED''::text])))'
    ],
    ARRAY(
        SELECT pg_get_constraintdef(oid)
        FROM pg_constraint
        WHERE conrelid = 'public.system_alerts'::regclass
            AND contype <> 'n'  -- PostgreSQL 18 lists NOT NULL here too
    )
);

SELECT pg_temp.expect('triggers de public.system_alerts', ARRAY[
        'trg_system_alerts_set_actor BEFORE UPDATE OF status ON public.system_alerts FOR EACH ROW'
        || ' WHEN (new.status IS DISTINCT FROM old.status)'
        || ' EXECUTE FUNCTION gouvernance.system_alerts_set_actor()',
        'trg_system_alerts_set_updated_at BEFORE UPDATE ON public.system_alerts FOR EACH ROW'
        || ' WHEN (new.updated_at IS DISTINCT FROM now())'
        || ' EXECUTE FUNCTION gouvernance.system_alerts_set_updated_at()'
    ],
    pg_temp.triggers('public.system_alerts', 'trg\_system\_alerts\_set\_%')
);

SELECT pg_temp.expect('droits sur public.system_alerts', ARRAY[
        'authenticated: SELECT',
        'authenticated: UPDATE(status)',
        'service_role: INSERT',
        'service_role: SELECT',
        'service_role: UPDATE'
    ],
    pg_temp.grants('public.system_alerts')
);

SELECT pg_temp.expect('row level security', ARRAY['public.system_alerts'], ARRAY(
    SELECT 'public.system_alerts' FROM pg_class
    WHERE oid = 'public.system_alerts'::regclass AND relrowsecurity
));

SELECT pg_temp.expect('policies permissives {public} sur public.system_alerts', ARRAY[]::text[], ARRAY(
    SELECT policyname::text FROM pg_policies
    WHERE schemaname = 'public' AND tablename = 'system_alerts'
        AND permissive = 'PERMISSIVE' AND 'public' = ANY (roles)
));
