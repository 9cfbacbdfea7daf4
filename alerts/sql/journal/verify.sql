SELECT pg_temp.expect_columns('gouvernance.alert_events', ARRAY[
    'id bigint NOT NULL',
    'alert_id uuid NOT NULL',
    'period integer NOT NULL',
    'kind text NOT NULL',
    'source text NOT NULL',
    'actor uuid',
    'sync_run bigint',
    'details jsonb NOT NULL',
    'at timestamp with time zone NOT NULL'
]);

SELECT pg_temp.expect_columns('gouvernance.alert_periods', ARRAY[
    'alert_id uuid NOT NULL',
    'number integer NOT NULL',
    'previous_number integer',
    'previous_ended_at timestamp with time zone',
    'severity text NOT NULL',
    'started_at timestamp with time zone NOT NULL',
    'acknowledged_at timestamp with time zone',
    'acknowledged_by uuid',
    'ended_at timestamp with time zone',
    'ended_by uuid',
    'outcome text',
    'occurred_at timestamp with time zone'
]);

SELECT pg_temp.expect('triggers du journal', ARRAY[
        'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON gouvernance.alert_events'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
    ],
    pg_temp.triggers('gouvernance.alert_events', '%')
);

SELECT pg_temp.expect('triggers qui alimentent le journal', ARRAY[
        'gouvernance_journal_insert AFTER INSERT ON public.system_alerts'
        || ' REFERENCING NEW TABLE AS new_alerts FOR EACH STATEMENT'
        || ' EXECUTE FUNCTION gouvernance.journal_insert()',
        'gouvernance_journal_update AFTER UPDATE OF status, severity, payload ON public.system_alerts FOR EACH ROW'
        || ' WHEN (old.status IS DISTINCT FROM new.status OR old.severity IS DISTINCT FROM new.severity'
        || ' OR old.payload IS DISTINCT FROM new.payload)'
        || ' EXECUTE FUNCTION gouvernance.journal_update()'
    ],
    pg_temp.triggers('public.system_alerts', 'gouvernance\_journal\_%')
);

DO $$
DECLARE
    journal text;
BEGIN
    FOREACH journal IN ARRAY ARRAY[
        'alert_events', 'alert_periods', 'alert_acceptances', 'alert_assignments'
    ] LOOP
        journal := 'gouvernance.' || journal;
        PERFORM pg_temp.expect('droits sur ' || journal, ARRAY['authenticated: SELECT'],
            pg_temp.grants(journal));
        PERFORM pg_temp.expect('row level security', ARRAY[journal], ARRAY(
            SELECT journal FROM pg_class WHERE oid = to_regclass(journal) AND relrowsecurity
        ));
    END LOOP;
END
$$;

-- The application's own login reads the alerts as a person only.
DO $$
BEGIN
    IF has_table_privilege('public.system_alerts', 'SELECT') THEN
        PERFORM pg_temp.expect('alertes sans période', ARRAY[]::text[], ARRAY(
            SELECT a.id::text FROM public.system_alerts AS a
            WHERE NOT EXISTS (SELECT FROM gouvernance.alert_periods AS p WHERE p.alert_id = a.id)
            LIMIT 5
        ));
    END IF;
END
$$;

SELECT pg_temp.expect('droits sur gouvernance.annotate_alert', ARRAY['authenticated'],
    pg_temp.executors('gouvernance.annotate_alert(uuid, text)'));
SELECT pg_temp.expect('droits sur gouvernance.assign_alert', ARRAY['authenticated'],
    pg_temp.executors('gouvernance.assign_alert(uuid, uuid)'));
SELECT pg_temp.expect('droits sur gouvernance.live_gravity', ARRAY[]::text[],
    pg_temp.executors('gouvernance.live_gravity(text, text, uuid)'));
